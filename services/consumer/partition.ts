import type { LogRecord } from '../../platform/log/port.ts'
import { asError } from '../../platform/thrown.ts'
import { retrying } from '../../platform/waiting.ts'
import type { Decider } from './decide/decide.ts'
import { createIntake } from './decide/intake.ts'
import { createBatchLog } from './following/batch-log.ts'
import { type FollowingParts, follow } from './following/following.ts'
import { checkPartition, checkTold } from './ownership/log-check.ts'
import { LogMismatch } from './ownership/log-mismatch.ts'
import { Fenced, type Ownership, own } from './ownership/ownership.ts'

/** How long a fenced owner waits for the log to take the partition away: then nobody else has it, and it must be taken anew. */
const FENCED_MS = 30_000

export interface PartitionParts extends Omit<FollowingParts, 'onEnd' | 'onServed'> {
  decider: Decider
  /** Of the database. */
  incarnation: number
  /** Two poll intervals of the readers; 0 where nobody else reads the cache. */
  settleMs: number
  /** A fault that ends the whole consumer, with a sentence. */
  onFatal: (error: Error) => void
}

/** One owned partition: decided in the log's turn, published and served behind it. */
export interface OwnedPartition {
  /** The offset to read from. */
  readonly next: number
  /**
   * Resolves to the offset to read next, once these are decided and what was decided before them is told: deciding is one batch
   * ahead of publishing. What comes meanwhile is the next batch, and a batch costs the same statements whatever its size.
   */
  batch(records: readonly LogRecord[], lost: AbortSignal): Promise<number>
  close(): Promise<void>
}

/**
 * Takes the partition over and starts what follows its decisions. Tries until it is done or `lost` fires: the log has given
 * the partition to somebody else.
 * @throws LogMismatch, or the reason of `lost`
 */
export async function ownPartition(
  partition: number,
  given: PartitionParts,
  lost: AbortSignal,
): Promise<OwnedPartition> {
  const parts = { ...given, logger: given.logger.child({ partition }) }
  const { sql, log, clock, logger, metrics, incarnation } = parts
  const closing = new AbortController()
  const retried = (error: unknown, attempt: number) => {
    metrics.retried('decide')
    logger[attempt === 0 ? 'warn' : 'debug']({ err: error, attempt }, 'cannot go on: trying again')
  }

  const { ownership, publishFrom } = await begin(partition, parts, lost, retried)
  const { taken } = ownership
  logger.debug({ epoch: taken.epoch, next: taken.next }, 'partition taken over')

  const lines = createBatchLog(logger)
  const following = follow(ownership, publishFrom, { ...parts, onEnd, onServed: lines.served })
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

  /** A fenced owner does nothing more; where the log does not take the partition away, the process has to begin anew. */
  function onEnd(error: unknown): void {
    if (closing.signal.aborted) return
    if (!(error instanceof Fenced)) {
      parts.onFatal(asError(error))
      return
    }
    logger.warn('another process has taken the partition over')
    void clock.sleep(FENCED_MS, closing.signal).then(() => {
      if (!closing.signal.aborted) parts.onFatal(error)
    })
  }

  return {
    next: taken.next,
    async batch(records, signal) {
      try {
        const next = await intake.take(records, signal)
        await following.taken(signal)
        return next
      } catch (error) {
        if (!signal.aborted) onEnd(error)
        await clock.sleep(FENCED_MS, signal)
        return records[0]!.offset
      }
    },
    async close() {
      closing.abort()
      await following.close()
    },
  }
}

interface Begun {
  ownership: Ownership
  /** Everything below is on `events`. */
  publishFrom: number
}

async function begin(
  partition: number,
  parts: PartitionParts,
  lost: AbortSignal,
  onRetry: (error: unknown, attempt: number) => void,
): Promise<Begun> {
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
      await clock.sleep(FENCED_MS, lost)
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
