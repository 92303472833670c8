import type { LogRecord } from '../../platform/log/port.ts'
import { retrying } from '../../platform/waiting.ts'
import type { Decider } from './decide/decide.ts'
import { createIntake } from './decide/intake.ts'
import { createBatchLog } from './following/batch-log.ts'
import { type FollowingParts, follow } from './following/following.ts'
import { checkPartition, checkTold } from './ownership/log-check.ts'
import { LogMismatch } from './ownership/log-mismatch.ts'
import { Fenced, type Ownership, own } from './ownership/ownership.ts'

/**
 * How long a fenced owner stands aside: longer than two heartbeats, so that the log has taken the partition from it if it is
 * somebody else's now.
 */
export const ASIDE_MS = 5_000

export interface TenureParts extends Omit<FollowingParts, 'onServed'> {
  decider: Decider
  /** Of the database. */
  incarnation: number
  /** Two poll intervals of the readers; 0 where nobody else reads the cache. */
  settleMs: number
}

/** The time from one takeover of a partition to the next: under it batches are decided, published and served. */
export interface Tenure {
  /** The offset to read from. */
  readonly next: number
  /** As of an owned partition. @throws what has ended the tenure, which is told to `onEnd` once; or the signal's reason */
  batch(records: readonly LogRecord[], lost: AbortSignal): Promise<number>
  close(): Promise<void>
}

/** Tries until it is done or `lost` fires. @throws LogMismatch, or the reason of `lost` */
export async function beginTenure(partition: number, parts: TenureParts, lost: AbortSignal): Promise<Tenure> {
  const { sql, log, clock, logger, metrics, incarnation } = parts
  /** Fires when it is over, whatever ends it. */
  const over = new AbortController()
  const retried = (error: unknown, attempt: number) => {
    metrics.retried('decide')
    logger[attempt === 0 ? 'warn' : 'debug']({ err: error, attempt }, 'cannot go on: trying again')
  }

  const { ownership, publishFrom } = await takeOver(partition, parts, lost, retried)
  const { taken } = ownership
  logger.debug({ epoch: taken.epoch, next: taken.next }, 'partition taken over')

  const lines = createBatchLog(logger)
  const following = follow(ownership, publishFrom, { ...parts, onEnd: end, onServed: lines.served })
  const intake = createIntake({
    sql,
    clock,
    decider: parts.decider,
    ownership,
    checkTold: async (next) => {
      await stillOwned(ownership, () => checkTold(log, partition, next, incarnation))
    },
    onRetry: retried,
    onBatch(batch) {
      metrics.decided(batch)
      lines.decided(batch)
      following.push(batch)
    },
    onCommitted: following.committed,
  })

  function end(error: unknown): void {
    if (over.signal.aborted) return
    over.abort()
    parts.onEnd(error)
  }

  return {
    next: taken.next,
    async batch(records, signal) {
      const letGo = () => over.abort(signal.reason)
      if (signal.aborted) letGo()
      signal.addEventListener('abort', letGo, { once: true })
      try {
        const next = await intake.take(records, over.signal)
        await following.taken(over.signal)
        return next
      } catch (error) {
        end(error)
        throw error
      } finally {
        signal.removeEventListener('abort', letGo)
      }
    },
    async close() {
      over.abort()
      await following.close()
    },
  }
}

interface TakenOver {
  ownership: Ownership
  /** Everything below is on `events`. */
  publishFrom: number
}

async function takeOver(
  partition: number,
  parts: TenureParts,
  lost: AbortSignal,
  onRetry: (error: unknown, attempt: number) => void,
): Promise<TakenOver> {
  const { log, clock, incarnation } = parts
  const retryable = (error: unknown) => !(error instanceof LogMismatch || error instanceof Fenced)
  const persist = <T>(work: () => Promise<T>) => retrying(work, { clock, signal: lost, onRetry, retryable })
  for (;;) {
    const ownership = await persist(() => own(partition, { ...parts, shut: parts.cache === null }))
    const check = () => checkPartition(log, partition, ownership.taken, incarnation)
    try {
      const publishFrom = await persist(() => stillOwned(ownership, check))
      lost.throwIfAborted()
      return { ownership, publishFrom }
    } catch (error) {
      if (!(error instanceof Fenced)) throw error
      await clock.sleep(ASIDE_MS, lost)
    }
  }
}

/** Whoever has taken the partition over since has told more than was known here: that is no mismatch. */
async function stillOwned<T>(ownership: Ownership, check: () => Promise<T>): Promise<T> {
  try {
    return await check()
  } catch (error) {
    if (error instanceof LogMismatch) await ownership.row()
    throw error
  }
}
