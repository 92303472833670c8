import type { LogRecord } from '../../platform/log/port.ts'
import type { Sql } from '../../platform/sql/port.ts'
import { type Clock, retrying } from '../../platform/waiting.ts'
import type { Batch, Decider } from './decide.ts'
import { NewerSchema } from './items.ts'
import { Fenced, type Ownership } from './ownership.ts'
import { checkReplay, LogMismatch } from './replay.ts'

/** Dead letters in a row that stop the partition: then it is not the records. */
const DEAD_IN_A_ROW = 10

export interface IntakeParts {
  sql: Sql
  clock: Clock
  decider: Decider
  ownership: Ownership
  onRetry: (error: unknown, attempt: number) => void
  onBatch: (batch: Batch) => void
}

/** Takes records from the log and decides each position exactly once, whatever the log delivers twice or out of step. */
export interface Intake {
  /** Resolves to the offset to read next. @throws Fenced, LogMismatch, NewerSchema */
  take(records: readonly LogRecord[], signal: AbortSignal): Promise<number>
}

export function createIntake(parts: IntakeParts): Intake {
  const { sql, clock, decider, ownership, onBatch } = parts
  let next = ownership.taken.next
  let deadInARow = 0

  /** Decides what is new of the records, once; after a failure the row tells whether its commit came through. */
  async function attempt(records: readonly LogRecord[]): Promise<void> {
    const fresh = records.filter(({ offset }) => offset >= next)
    if (fresh.length < records.length) await checkReplay(sql, records.slice(0, records.length - fresh.length))
    if (fresh.length === 0) return
    if (fresh.some(({ offset }, index) => offset !== fresh[0]!.offset + index)) {
      throw new LogMismatch(`partition ${ownership.partition} of the log has a hole behind ${fresh[0]!.offset}`)
    }
    try {
      const batches = await ownership.deciding((epoch) => decider.decide(ownership.partition, epoch, fresh))
      for (const batch of batches) settle(batch)
    } catch (error) {
      await lookWhere()
      throw error
    }
  }

  function settle(batch: Batch): void {
    next = batch.last + 1
    for (const { dead } of batch.decided) deadInARow = dead === undefined ? 0 : deadInARow + 1
    onBatch(batch)
    if (deadInARow >= DEAD_IN_A_ROW) {
      throw new LogMismatch(
        `${deadInARow} records in a row were set aside as dead letters up to ${batch.partition}:${batch.last}: that is no single bad record. ` +
          'Look at them with npm run dlq -- list, then start again.',
      )
    }
  }

  async function lookWhere(): Promise<void> {
    const row = await ownership.row()
    if (row.epoch !== ownership.epoch()) throw new Fenced(ownership.partition)
    next = row.next
  }

  return {
    async take(records, signal) {
      const first = records[0]
      if (!first || first.offset > next) return next
      await retrying(() => attempt(records), {
        clock,
        signal,
        onRetry: parts.onRetry,
        retryable: (error) =>
          !(error instanceof Fenced || error instanceof LogMismatch || error instanceof NewerSchema),
      })
      return next
    },
  }
}
