import type { Outcome } from '../../../platform/commands/command.ts'
import { recordHeaders } from '../../../platform/commands/record.ts'
import type { Log, NewRecord } from '../../../platform/log/port.ts'
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

/** Appends a batch's outcomes to the same partition of `events`: in order, the next batch only after this one's acknowledgement. */
export async function publish(log: Log, { decided }: Batch): Promise<void> {
  await log.append(
    'events',
    decided.map(({ outcome }) => eventRecord(outcome)),
  )
}

/** An outcome as it stands on `events`. */
export const eventRecord = (outcome: Outcome): NewRecord => ({
  partition: outcome.partition,
  key: outcome.entity,
  value: JSON.stringify(outcome),
  headers: recordHeaders(outcome),
})
