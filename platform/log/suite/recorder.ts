import type { Consumer, Log, LogRecord } from '../port.ts'

/**
 * A consumer for tests that writes down what happens to it. It reads from the given offsets, from the end where
 * there is none.
 */
export function recorder(log: Log, from: Record<number, number> = {}) {
  const busy = new Set<number>()
  const starts: { partition: number; offset: number }[] = []
  const state = {
    assigned: [] as number[],
    revoked: [] as number[],
    records: [] as LogRecord[],
    /** Batches that began while another one of their partition was under way. */
    overlaps: 0,
    revokedWhileRunning: 0,
    running: 0,
    /** While true, batches wait for their signal. */
    hold: false,
    /** What the next batches answer, instead of the offset behind their last record. */
    answers: [] as number[],
    of: (partition: number) => state.records.filter((record) => record.partition === partition),
    starts: (partition: number) => starts.filter((s) => s.partition === partition).map(({ offset }) => offset),
    consumer: { assigned, batch, revoked } satisfies Consumer,
  }

  async function assigned(partition: number): Promise<number> {
    const start = from[partition] ?? (await log.describe('commands')).ends[partition]!
    state.assigned.push(partition)
    return start
  }

  async function batch(partition: number, records: LogRecord[], signal: AbortSignal): Promise<number> {
    if (busy.has(partition)) state.overlaps++
    busy.add(partition)
    state.running++
    starts.push({ partition, offset: records[0]!.offset })
    if (state.hold) await new Promise((resolve) => signal.addEventListener('abort', resolve))
    else await new Promise((resolve) => setImmediate(resolve))
    state.records.push(...records)
    busy.delete(partition)
    state.running--
    return state.answers.shift() ?? records.at(-1)!.offset + 1
  }

  async function revoked(partition: number): Promise<void> {
    if (busy.has(partition)) state.revokedWhileRunning++
    state.revoked.push(partition)
  }

  return state
}
