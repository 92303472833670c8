import { type Log, PARTITIONS } from '../../../platform/log/port.ts'
import type { Queryable } from '../../../platform/sql/port.ts'
import { readTold } from '../events/reader.ts'
import { LogMismatch, PUT_BACK } from './log-mismatch.ts'
import type { ProgressRow } from './progress.ts'

/**
 * Whether the log and the database belong together. New commands of another log, or of one that lost its end, would land at
 * offsets that count as decided, and be reported as done: so nothing is consumed until a person has looked.
 * @returns whether the database has followed this log before
 * @throws LogMismatch with a sentence that says what to do
 */
export async function checkLog(log: Log, sql: Queryable): Promise<boolean> {
  const { id, ends } = await log.describe('commands')
  if (ends.length !== PARTITIONS) {
    throw new LogMismatch(
      `topic commands has ${ends.length} partitions and must have ${PARTITIONS}: make it anew before first use, or point KAFKA_BROKERS at the right cluster.`,
    )
  }
  const followed = await followedLog(sql)
  if (followed !== undefined && followed !== id) {
    throw new LogMismatch(
      `this database has followed the log ${followed}, and is now given the log ${id}: they do not belong together. ${PUT_BACK}`,
    )
  }
  return followed !== undefined
}

/**
 * The same for one partition, when it is assigned: compares where the log ends with what was decided, and what was told with
 * what the database knows.
 * @returns where `events` go on: below `published` if they have lost their end
 * @throws LogMismatch
 */
export async function checkPartition(
  log: Log,
  partition: number,
  { next, published }: Pick<ProgressRow, 'next' | 'published'>,
  incarnation: number,
): Promise<number> {
  const { ends } = await log.describe('commands')
  if (ends[partition]! < next) {
    throw new LogMismatch(
      `partition ${partition} of the log ends at ${ends[partition]}, but commands up to ${next} were decided: the log has lost its end. ` +
        'Restore the log, or make the database again from what the log still has: npm run rebuild -- --accept-loss.',
    )
  }
  return Math.min(published, (await checkTold(log, partition, next, incarnation)) ?? published)
}

/**
 * Whether more was told than this database has decided: then it is an older copy.
 * @returns behind the last outcome told, where it can be known
 * @throws LogMismatch
 */
export async function checkTold(
  log: Log,
  partition: number,
  next: number,
  incarnation: number,
): Promise<number | undefined> {
  const told = await readTold(log, partition, incarnation)
  if (told.incarnation > incarnation) {
    throw new LogMismatch(
      `a database of incarnation ${told.incarnation} was rebuilt from events, and this one is of incarnation ${incarnation}: ` +
        'point DATABASE_URL at that one, or start the consumer again: it catches up with what was told, or says why it cannot.',
    )
  }
  if ((told.next ?? 0) > next) {
    throw new LogMismatch(
      `outcomes below ${partition}:${told.next} were told, but the database knows only those below ${next}: it is an older copy. ` +
        'Start the consumer again: it catches up with what was told, or says why it cannot.',
    )
  }
  return told.next
}

/** From now on the database belongs to this log. */
export async function rememberLog(log: Log, sql: Queryable): Promise<void> {
  const { id } = await log.describe('commands')
  await sql.query(`INSERT INTO system (name, value) VALUES ('log', to_jsonb($1::text)) ON CONFLICT (name) DO NOTHING`, [
    id,
  ])
}

async function followedLog(sql: Queryable): Promise<string | undefined> {
  const [row] = await sql.query<{ value: string }>(`SELECT value FROM system WHERE name = 'log'`)
  return row?.value
}

export async function readIncarnation(sql: Queryable): Promise<number> {
  const [row] = await sql.query<{ value: number }>(`SELECT value FROM system WHERE name = 'incarnation'`)
  if (!row) throw new Error('the table system has no incarnation; run npm run migrate')
  return row.value
}
