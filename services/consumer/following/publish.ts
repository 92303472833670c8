import { eventRecord } from '../../../platform/commands/record.ts'
import { QUEUE_RECORDS, WRITE_BYTES } from '../../../platform/log/limits.ts'
import { type Log, type NewRecord, PARTITIONS } from '../../../platform/log/port.ts'
import { sizeOf } from '../../../platform/log/record.ts'
import type { Queryable } from '../../../platform/sql/port.ts'
import type { Clock } from '../../../platform/waiting.ts'
import type { Batch } from '../decide/decide.ts'
import { readCursors } from '../ownership/progress.ts'

/** How long the other partitions' cursors are believed before they are read again. */
const LOOK_MS = 20

/** What is on `events`, per partition, as far as this process knows. */
export interface Published {
  /** This process has appended everything below. */
  reached(partition: number, end: number): void
  /** Resolves once everything in `after` is on `events`, whoever appends it: no effect before its cause. */
  wait(after: readonly number[], signal: AbortSignal): Promise<void>
}

export function createPublished(sql: Queryable, clock: Clock): Published {
  const known: number[] = []
  const waiting = new Set<() => void>()
  let looking: Promise<void> | undefined
  const lacking = (after: readonly number[]) => after.some((end, partition) => (known[partition] ?? 0) < end)

  function reached(partition: number, end: number): void {
    known[partition] = Math.max(known[partition] ?? 0, end)
    for (const wake of waiting) wake()
  }

  /** True if this process has appended something, false when it is time to look for what others have. */
  async function news(signal: AbortSignal): Promise<boolean> {
    const stop = new AbortController()
    let told = false
    const wake = () => {
      told = true
      stop.abort()
    }
    waiting.add(wake)
    signal.addEventListener('abort', wake, { once: true })
    await clock.sleep(LOOK_MS, stop.signal)
    signal.removeEventListener('abort', wake)
    waiting.delete(wake)
    return told
  }

  async function look(): Promise<void> {
    const cursors = await readCursors(sql, 'published')
    for (const [partition, end] of cursors.entries()) reached(partition, end)
  }

  return {
    reached,
    async wait(after, signal) {
      while (lacking(after)) {
        signal.throwIfAborted()
        if (await news(signal)) continue
        looking ??= look().finally(() => {
          looking = undefined
        })
        await looking
      }
    },
  }
}

/** Appended at once: a write's worth, and so few that all partitions of a process have room in the log's queue together. */
const SLICE_RECORDS = Math.floor(QUEUE_RECORDS / PARTITIONS)
const SLICE_BYTES = WRITE_BYTES

/**
 * Appends a batch's outcomes to the same partition of `events`: in order, slice by slice, the next only after the
 * acknowledgement of the one before, as with batches.
 * @param persist appends one slice until it is acknowledged: what was acknowledged is not appended again
 */
export async function publish(
  log: Pick<Log, 'append'>,
  { decided }: Batch,
  persist: (append: () => Promise<unknown>) => Promise<unknown> = (append) => append(),
): Promise<void> {
  const records = decided.map(({ outcome }) => eventRecord(outcome))
  for (const slice of slicesOf(records)) await persist(() => log.append('events', slice))
}

function* slicesOf(records: readonly NewRecord[]): Generator<NewRecord[]> {
  let slice: NewRecord[] = []
  let bytes = 0
  for (const record of records) {
    const size = sizeOf(record)
    if (slice.length === SLICE_RECORDS || (slice.length > 0 && bytes + size > SLICE_BYTES)) {
      yield slice
      slice = []
      bytes = 0
    }
    slice.push(record)
    bytes += size
  }
  if (slice.length > 0) yield slice
}
