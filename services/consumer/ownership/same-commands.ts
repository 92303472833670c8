import type { Command } from '../../../platform/commands/command.ts'
import { OUTCOMES_KEPT_DAYS } from '../../../platform/commands/operations/outcomes.ts'
import { parsedJson } from '../../../platform/json.ts'
import type { LogRecord } from '../../../platform/log/port.ts'
import type { Queryable } from '../../../platform/sql/port.ts'
import { LogMismatch, PUT_BACK } from './log-mismatch.ts'

/** A day less than outcomes are kept, because command and outcome are dated by two clocks. */
const SURELY_KEPT_MS = (OUTCOMES_KEPT_DAYS - 1) * 86_400_000

/**
 * Records below the progress row count as decided and are dropped. That is right only for the same records: one that was
 * decided as another command, or was not decided at all, came from another log. Those older than outcomes are kept are past
 * checking.
 * @throws LogMismatch
 */
export async function checkReplay(sql: Queryable, records: readonly LogRecord[], nowMs: number): Promise<void> {
  const partition = records[0]?.partition
  if (partition === undefined) return
  const rows = await sql.query<{ position: number; command_id: string; type: string }>(
    `SELECT position, command_id, record->>'type' AS type FROM outcomes
      WHERE partition = $1 AND position = ANY($2::bigint[])`,
    [partition, records.map(({ offset }) => offset)],
    'check-replay',
  )
  const decided = new Map(rows.map((row) => [row.position, row]))
  for (const { offset, value } of records) {
    const row = decided.get(offset)
    const { id, at } = envelopeOf(value)
    if (row ? row.command_id === id || row.type === 'unreadable' : !(Date.parse(at ?? '') > nowMs - SURELY_KEPT_MS))
      continue
    throw new LogMismatch(
      `partition ${partition} of the log has another command at ${offset} than the one decided there: this database belongs to another log. ` +
        `${PUT_BACK} Or make the database again from the log: npm run rebuild.`,
    )
  }
}

const envelopeOf = (value: string) => (parsedJson(value) ?? {}) as Partial<Command>
