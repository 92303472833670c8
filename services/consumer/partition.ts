import type { LogRecord } from '../../platform/log/port.ts'
import { asError } from '../../platform/thrown.ts'
import { settles } from '../../platform/waiting.ts'
import { Fenced } from './ownership/ownership.ts'
import { ASIDE_MS, beginTenure, type TenureParts } from './tenure.ts'

/** How long an owner may be fenced again and again: then two believe that they have the partition, and one has to begin anew. */
const FENCED_MS = 30_000

/** How long letting go waits for a takeover that is on its way. */
const CLOSE_MS = 5_000

export interface PartitionParts extends Omit<TenureParts, 'onEnd'> {
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
 *
 * Whoever is fenced does nothing more. But a takeover that comes late, from a process that the log has taken the partition from,
 * fences the rightful owner, and so does its own raise if the answer to it was lost. So who still has the partition after a
 * while takes it over once more.
 * @throws LogMismatch, or the reason of `lost`
 */
export async function ownPartition(
  partition: number,
  given: PartitionParts,
  lost: AbortSignal,
): Promise<OwnedPartition> {
  const { clock, onFatal } = given
  const logger = given.logger.child({ partition })
  const closing = new AbortController()
  const over = AbortSignal.any([lost, closing.signal])
  const begin = () => beginTenure(partition, { ...given, logger, onEnd }, over)
  let fencedSince: number | undefined
  let tenure = await begin()
  let begunAt = clock.monotonic()
  /** Rejects once there will be no other tenure. */
  let ready = Promise.resolve()

  function onEnd(error: unknown): void {
    if (over.aborted) return
    if (!(error instanceof Fenced)) {
      onFatal(asError(error))
      return
    }
    logger.warn('another process has taken the partition over')
    ready = again(error)
    ready.catch((reason: unknown) => {
      if (!over.aborted) onFatal(asError(reason))
    })
  }

  async function again(fence: Fenced): Promise<void> {
    const now = clock.monotonic()
    if (fencedSince === undefined || now - begunAt > FENCED_MS) fencedSince = now
    await tenure.close()
    await clock.sleep(ASIDE_MS, over)
    over.throwIfAborted()
    if (now - fencedSince > FENCED_MS) throw fence
    tenure = await begin()
    begunAt = clock.monotonic()
    logger.warn('the log has left the partition here: taken over once more')
  }

  return {
    next: tenure.next,
    async batch(records, signal) {
      try {
        await ready
        return await tenure.batch(records, signal)
      } catch {
        await clock.sleep(ASIDE_MS, signal) // what has ended the tenure is told
        return records[0]!.offset
      }
    },
    async close() {
      closing.abort()
      await settles(ready, CLOSE_MS) // a takeover on its way would fence whoever comes next
      await tenure.close()
    },
  }
}
