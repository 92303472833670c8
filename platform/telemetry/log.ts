import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino'

export type { Logger } from 'pino'

export interface LogOptions {
  level: string
  /** The process: `tasks`, `consumer`, or, for all in one, `trefoil`. */
  service?: string
  /** Default: standard output. */
  destination?: DestinationStream
}

/**
 * A logger that writes one JSON object a line. A line is written before the call returns, so that nothing has to be
 * flushed at a stop or is lost in a crash; no worker threads, which Deno's permissions would have to allow. Children
 * (`log.child({ requestId })`) write to the same place.
 */
export function createLogger({ level, service = 'trefoil', destination = standardOutput() }: LogOptions): Logger {
  return pino(
    {
      level,
      base: { service },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      hooks: { streamWrite: redact },
    },
    destination,
  )
}

function standardOutput(): DestinationStream {
  return pino.destination({ fd: 1, sync: true })
}

const SECRET = /authorization|cookie|password|token|secret/i
/** Whether a line may have such a member: few do. */
const SECRET_MEMBER = /(?:authorization|cookie|password|token|secret)(?:[^"\\]|\\.)*":/i

/** On the finished line, so that no depth, error or child's binding escapes it: by its name, whatever the value is. */
const redact = (line: string): string => (SECRET_MEMBER.test(line) ? `${JSON.stringify(redacted(line))}\n` : line)

const redacted = (line: string): unknown =>
  JSON.parse(line, (name, value) => (SECRET.test(name) ? '[redacted]' : value))
