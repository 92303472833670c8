/** As much of a pino logger as the log needs. */
export interface Logger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

const nothing = () => {}
export const silent: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing }
