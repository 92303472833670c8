import { BreakerOpen } from '../breaker.ts'
import { NoAnswer } from '../deadline.ts'

/** MongoDB is not there, or not able to answer now: the same call may succeed later. */
export class MongoUnavailable extends Error {
  readonly unavailable = true

  constructor(cause: Error) {
    super(`no answer from MongoDB: ${cause.message}`, { cause })
    this.name = 'MongoUnavailable'
  }
}

/** The driver's errors by which that shows; by name, so that a process without MongoDB need not load the driver. */
const ABSENCE =
  /^Mongo(Network|ServerSelection|TopologyClosed|NotConnected|ServerClosed|ClientClosed|Pool|WaitQueue|OperationTimeout)/

/** Servers that are shutting down, or no primary any more. */
const PASSING = new Set([91, 189, 10107, 11600, 11602, 13435, 13436])

/** What the driver answers. @throws MongoUnavailable for an outage, the driver's own error for anything else */
export async function answered<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    throw isOutage(error) && !(error instanceof MongoUnavailable) ? new MongoUnavailable(error) : error
  }
}

export function isOutage(error: unknown): error is Error {
  if (!(error instanceof Error)) return false
  if (error instanceof MongoUnavailable || error instanceof NoAnswer || error instanceof BreakerOpen) return true
  const { code } = error as { code?: unknown }
  return ABSENCE.test(error.name) || (typeof code === 'number' && PASSING.has(code))
}
