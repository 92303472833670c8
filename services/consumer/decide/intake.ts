import type { LogRecord } from '../../../platform/log/port.ts'
import type { Sql } from '../../../platform/sql/port.ts'
import { type Clock, retrying } from '../../../platform/waiting.ts'
import { LogMismatch } from '../ownership/log-mismatch.ts'
import { Fenced, type Ownership } from '../ownership/ownership.ts'
import { checkReplay } from '../ownership/same-commands.ts'
import { deadLettersBefore } from './dead-letters.ts'
import type { Batch, Decider } from './decide.ts'
import { NewerSchema } from './items.ts'
import { DEAD_IN_A_ROW, deadInARow, mayBeTooMuch } from './poison.ts'

export interface IntakeParts {
  sql: Sql
  clock: Clock
  decider: Decider
  ownership: Ownership
  /** Asked before the log is sent back: whether more was told than was decided. @throws LogMismatch */
  checkTold: (next: number) => Promise<void>
  onRetry: (error: unknown, attempt: number) => void
  onBatch: (batch: Batch) => void
  /** Everything below is committed, though its batches are not at hand: the answer to a commit was lost. */
  onCommitted: (end: number) => void
}

/** Takes records from the log and decides each position exactly once, whatever the log delivers twice or out of step. */
export interface Intake {
  /** Resolves to the offset to read next. @throws Fenced, LogMismatch, NewerSchema */
  take(records: readonly LogRecord[], signal: AbortSignal): Promise<number>
}

export function createIntake(parts: IntakeParts): Intake {
  const { sql, clock, decider, ownership } = parts
  const { partition } = ownership
  let next = ownership.taken.next
  let dead = 0
  /** Records that are decided together. */
  let most = Number.POSITIVE_INFINITY
  let askedFor: number | undefined

  /** Decides what is new of the records, up to one of a newer schema. */
  async function attempt(records: readonly LogRecord[], signal: AbortSignal): Promise<void> {
    const fresh = records.filter(({ offset }) => offset >= next)
    if (fresh.length < records.length) {
      await checkReplay(sql, records.slice(0, records.length - fresh.length), clock.now())
    }
    const [first] = fresh
    if (!first) return
    if (fresh.some(({ offset }, index) => offset !== first.offset + index)) {
      throw new LogMismatch(
        `partition ${partition} of the log has a hole behind ${first.offset}: records were deleted.`,
      )
    }
    for (let left = fresh; left.length > 0; left = fresh.slice(next - first.offset)) {
      signal.throwIfAborted()
      try {
        await decide(left.slice(0, most))
      } catch (error) {
        if (error instanceof NewerSchema && next > first.offset) return // what stands before it is told first
        throw error
      }
    }
  }

  /**
   * In a turn of its own, so that marks can move in between. After a failure the row tells whether the commit came through, and
   * less is tried at once until it goes well again.
   */
  async function decide(piece: readonly LogRecord[]): Promise<void> {
    try {
      await ownership.deciding((epoch) => decider.decide(partition, epoch, piece, settle, dead))
      most *= 2
    } catch (error) {
      if (mayBeTooMuch(error)) most = Math.max(1, piece.length >> 1)
      await lookWhere()
      throw error
    }
  }

  function settle(batch: Batch): void {
    next = batch.last + 1
    parts.onBatch(batch)
    dead = deadInARow(dead, batch.decided)
    checkDead()
  }

  function checkDead(): void {
    if (dead < DEAD_IN_A_ROW) return
    throw new LogMismatch(
      `${dead} records in a row were set aside as dead letters up to ${partition}:${next - 1}: that is no single bad record. ` +
        'Look at them with npm run dlq -- list, then start again.',
    )
  }

  async function lookWhere(): Promise<void> {
    const row = await ownership.row()
    if (row.next < next) {
      throw new LogMismatch(
        `partition ${partition} was decided up to ${next}, and the database now says ${row.next}: it has lost what it had committed. ` +
          'Start again: what was told is compared with it then.',
      )
    }
    if (row.next > next) dead = await deadLettersBefore(sql, partition, ownership.taken.next, row.next)
    next = row.next
    parts.onCommitted(next)
    checkDead()
  }

  /** Records were left out: asks for them once. Not where Postgres is what lacks them. */
  async function seekBack(offset: number): Promise<number> {
    if (askedFor === next) {
      throw new LogMismatch(
        `partition ${partition} of the log goes on at ${offset} though ${next} was asked for: records were deleted. ` +
          'Restore the log, or make the database again from what the log still has: npm run rebuild.',
      )
    }
    await parts.checkTold(next)
    askedFor = next
    return next
  }

  return {
    async take(records, signal) {
      const [first] = records
      if (!first) return next
      const { onRetry } = parts
      const retryable = (error: unknown) =>
        !(error instanceof Fenced || error instanceof LogMismatch || error instanceof NewerSchema)
      const backoff = { clock, signal, onRetry, retryable }
      if (first.offset > next) return retrying(() => seekBack(first.offset), backoff)
      askedFor = undefined
      await retrying(() => attempt(records, signal), backoff)
      return next
    },
  }
}
