import { woken } from '../../waiting.ts'
import type { Feed } from '../lane.ts'
import { BATCH_BYTES, BATCH_RECORDS } from '../limits.ts'
import type { LogRecord } from '../port.ts'
import { sizeOf } from '../record.ts'
import { RecordsGone } from './records-gone.ts'

const FULL_RECORDS = 2 * BATCH_RECORDS
const FULL_BYTES = 2 * BATCH_BYTES
/** Kafka may answer once or twice with what was asked for before; after that the records are not there. */
const PATIENCE = 5

/** What a buffer can do about its partition in kafkajs. */
export interface Tap {
  seek(offset: number): void
  pause(): void
  resume(): void
}

/**
 * Stands between kafkajs, which pushes one partition's records, and a lane, which pulls them. It lets a contiguous run
 * through and nothing else: whatever kafkajs believes its position to be, what is not the record due is asked for again.
 */
export interface PartitionBuffer extends Feed {
  /** What kafkajs has fetched, in offset order. */
  offer(records: LogRecord[]): void
  /** kafkajs has joined anew and forgotten its position, and the partition is still ours. */
  rejoined(): void
  /** The offset that is waited for, while the lane waits; otherwise undefined. */
  hungryFor(): number | undefined
}

export interface BufferOptions {
  topic: string
  partition: number
  tap: Tap
  /** Resolves once the partition is known to reach the offset; throws if it does not. */
  reaches(offset: number, signal: AbortSignal): Promise<void>
  passed(offset: number): void
}

export function createBuffer({ topic, partition, tap, reaches, passed }: BufferOptions): PartitionBuffer {
  let held: LogRecord[] = []
  let bytes = 0
  /** The offset of the next record to be let in; undefined until the lane has said where it begins. */
  let due: number | undefined
  let paused = true
  let misses = 0
  let gone: RecordsGone | undefined
  let wake: (() => void) | undefined
  tap.pause()

  async function next(from: number, signal: AbortSignal): Promise<LogRecord[]> {
    if (from !== (held[0]?.offset ?? due)) await begin(from, signal)
    while (held.length === 0 && !signal.aborted && !gone) await arrival(signal)
    if (signal.aborted) return []
    if (held.length === 0) throw gone!
    return take()
  }

  async function begin(from: number, signal: AbortSignal): Promise<void> {
    await reaches(from, signal)
    if (signal.aborted) return
    held = []
    bytes = 0
    due = from
    tap.seek(from)
    flow()
  }

  function offer(records: LogRecord[]): void {
    if (due === undefined || gone) return
    const fresh = records.filter(({ offset }) => offset >= due!)
    if (fresh[0]?.offset === due) letIn(fresh)
    else if (++misses > PATIENCE) lose()
    else tap.seek(due)
  }

  function letIn(records: LogRecord[]): void {
    misses = 0
    for (const record of records) {
      if (record.offset !== due) {
        lose()
        break
      }
      held.push(record)
      bytes += sizeOf(record)
      due++
    }
    if (held.length >= FULL_RECORDS || bytes >= FULL_BYTES) stem()
    wake?.()
  }

  function lose(): void {
    gone = new RecordsGone(topic, partition, due!)
    wake?.()
  }

  function take(): LogRecord[] {
    let count = 0
    let taken = 0
    while (count < Math.min(held.length, BATCH_RECORDS)) {
      const size = sizeOf(held[count]!)
      if (count > 0 && taken + size > BATCH_BYTES) break
      taken += size
      count++
    }
    bytes -= taken
    const records = held.splice(0, count)
    if (held.length <= FULL_RECORDS / 2 && bytes <= FULL_BYTES / 2) flow()
    return records
  }

  function stem(): void {
    if (!paused) tap.pause()
    paused = true
  }

  function flow(): void {
    if (paused) tap.resume()
    paused = false
  }

  const arrival = (signal: AbortSignal) =>
    woken(
      signal,
      (alarm) => {
        wake = alarm
      },
      () => {
        wake = undefined
      },
    )

  return {
    next,
    passed,
    offer,
    rejoined() {
      misses = 0
      if (due !== undefined) tap.seek(due)
    },
    hungryFor: () => (wake ? due : undefined),
  }
}
