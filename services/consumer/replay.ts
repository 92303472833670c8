import type { LogRecord } from '../../platform/log/port.ts'
import type { Queryable } from '../../platform/sql/port.ts'

/** The log and the database do not belong together, or one of them is older than the other: a person must look. */
export class LogMismatch extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'LogMismatch'
  }
}

/**
 * Records below the progress row count as decided and are dropped. That is right only for the same records: one that was
 * decided as another command came from another log. Rows older than outcomes are kept are past checking.
 * @throws LogMismatch
 */
export async function checkReplay(sql: Queryable, records: readonly LogRecord[]): Promise<void> {
  const partition = records[0]?.partition
  if (partition === undefined) return
  const rows = await sql.query<{ position: number; command_id: string }>(
    'SELECT position, command_id FROM outcomes WHERE partition = $1 AND position = ANY($2::bigint[])',
    [partition, records.map(({ offset }) => offset)],
  )
  const decided = new Map(rows.map(({ position, command_id }) => [position, command_id]))
  for (const { offset, value } of records) {
    const known = decided.get(offset)
    if (known === undefined || value.includes(known) || known.startsWith('00000000-0000-8000-')) continue
    throw new LogMismatch(
      `partition ${partition} of the log has another command at ${offset} than the one decided there: this database belongs to another log. ` +
        'Point DATABASE_URL and the log at a matching pair, or rebuild the database from the log.',
    )
  }
}
