import { asError } from '../thrown.ts'
import { settles } from '../waiting.ts'
import type { Logger } from './logger.ts'
import type { Consumer, LogRecord } from './port.ts'

const PATIENCE_MS = 5_000

/** Where a lane gets the records of its partition. */
export interface Feed {
  /** Records in offset order, the first at `from`; waits until there are some. None only once the signal has fired. */
  next(from: number, signal: AbortSignal): Promise<LogRecord[]>
  /** The consumer is done with everything before this offset. */
  passed?(offset: number): void
}

export interface Lane {
  /** Fires the signal, waits (bounded) for the running batch, then for `revoked`. */
  end(): Promise<void>
  /** Settles when the consumer has let go, however long it takes. Another lane of this partition begins after it. */
  ended: Promise<unknown>
}

export interface LaneOptions {
  partition: number
  consumer: Consumer
  feed: Feed
  /** The former lane of this partition. */
  after: Promise<unknown> | undefined
  /** The consumer, or its feed, threw: the consumption is over. */
  fault(error: Error): void
  logger: Logger
  /** How long a lane that ends waits for its running batch, and then for `revoked`. */
  patienceMs?: number
}

/** One partition in the hands of a consumer, from `assigned` to `revoked`: one call at a time. */
export function startLane(options: LaneOptions): Lane {
  const { partition, consumer, feed, after, fault, logger, patienceMs = PATIENCE_MS } = options
  const stop = new AbortController()
  const { signal } = stop
  let begun = false
  const ended = run()

  async function run(): Promise<void> {
    await after
    if (signal.aborted) return
    begun = true
    try {
      let from = checked(await consumer.assigned(partition, signal))
      while (!signal.aborted) {
        const records = await feed.next(from, signal)
        if (records.length === 0) continue
        from = checked(await consumer.batch(partition, records, signal))
        feed.passed?.(from)
      }
    } catch (error) {
      report(error)
    }
  }

  async function end(): Promise<void> {
    stop.abort()
    if (!(await settles(ended, patienceMs)))
      logger.warn({ partition }, 'a batch goes on although its partition is lost')
    if (!begun) return
    const revoked = Promise.resolve(consumer.revoked(partition)).catch(report)
    if (!(await settles(revoked, patienceMs))) logger.warn({ partition }, 'letting go of a partition takes too long')
  }

  /** Whoever is interrupted may say so by throwing; everything else is a fault. */
  function report(error: unknown): void {
    if (signal.aborted && (error === signal.reason || asError(error).name === 'AbortError')) return
    fault(asError(error))
  }

  return { end, ended }
}

function checked(offset: number): number {
  if (!Number.isSafeInteger(offset) || offset < 0) throw new Error(`a consumer named ${offset} as the next offset`)
  return offset
}
