import type { Command } from '../../../platform/commands/command.ts'
import type { LogRecord } from '../../../platform/log/port.ts'
import type { Queryable } from '../../../platform/sql/port.ts'

/** Outcomes are kept for seven days; a day less, because command and outcome are dated by two clocks. */
const SURELY_KEPT_MS = 6 * 86_400_000

/** The log and the database do not belong together, or one of them is older than the other: a person must look. */
export class LogMismatch extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'LogMismatch'
  }
}

/** What to do where they do not, whichever parts they are in. */
export const PUT_BACK =
  'Put back the one that belongs to the other: DATABASE_URL with its KAFKA_BROKERS and TOPIC_PREFIX, or all of DATA_DIR.'

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
    const { id, at } = commandOf(value)
    if (row ? row.command_id === id || row.type === 'unreadable' : !(Date.parse(at ?? '') > nowMs - SURELY_KEPT_MS))
      continue
    throw new LogMismatch(
      `partition ${partition} of the log has another command at ${offset} than the one decided there: this database belongs to another log. ` +
        `${PUT_BACK} Or make the database again from the log: npm run rebuild.`,
    )
  }
}

function commandOf(value: string): Partial<Command> {
  try {
    return (JSON.parse(value) ?? {}) as Partial<Command>
  } catch {
    return {}
  }
}
