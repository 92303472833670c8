/** MongoDB is not there, or not able to answer now: the same call may succeed later. */
export class MongoUnavailable extends Error {
  readonly unavailable = true

  constructor(cause: Error) {
    super(`no answer from MongoDB: ${cause.message}`, { cause })
    this.name = 'MongoUnavailable'
  }
}

/** The driver's errors by which that shows; by name, so that a process without MongoDB need not load the driver. */
const absence =
  /^Mongo(Network|ServerSelection|TopologyClosed|NotConnected|ServerClosed|ClientClosed|Pool|WaitQueue|OperationTimeout)/

/** Servers that are shutting down, or no primary any more. */
const passing = new Set([91, 189, 10107, 11600, 11602, 13435, 13436])

/** What the driver answers. @throws MongoUnavailable for an outage, the driver's own error for anything else */
export async function answered<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    throw error instanceof Error && isOutage(error) ? new MongoUnavailable(error) : error
  }
}

const isOutage = (error: Error & { code?: unknown }): boolean =>
  absence.test(error.name) || (typeof error.code === 'number' && passing.has(error.code))
