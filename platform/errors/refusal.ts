import { TRPCError } from '@trpc/server'
import type { Logger } from 'pino'
import type { Codes } from './codes.ts'
import { Failure } from './failure.ts'
import { type Resolved, resolve } from './resolve.ts'

/** An error that is resolved and has been logged where that is due: all that is left is to render it. */
export class Refusal extends TRPCError {
  readonly resolved: Resolved

  constructor(resolved: Resolved, cause: unknown) {
    super({ code: resolved.trpc, message: resolved.detail ?? resolved.says, cause })
    this.resolved = resolved
  }
}

/** The refusal for anything thrown. What a client is not told goes into the log, once. */
export function refuse(error: unknown, log: Logger | undefined, codes?: Codes): Refusal {
  if (error instanceof Refusal) return error
  const resolved = resolve(error, codes)
  if (resolved.code === 'internal') log?.error({ err: error }, 'an error that no client may see')
  else if (resolved.status >= 500 && hasMore(error)) log?.warn({ err: error, code: resolved.code }, resolved.says)
  return new Refusal(resolved, error)
}

/** Where HTTP has a status of its own for a failure (414, 431), and tRPC no code. */
export const refuseAs = (status: number, failure: Failure): Refusal =>
  new Refusal({ ...resolve(failure), status }, failure)

/** Whether there is more to know of it than its code says. */
const hasMore = (error: unknown): boolean => !(error instanceof Failure) || error.cause !== undefined
