import type { Queryable } from '../../../platform/sql/port.ts'

/** The row of one partition in `consumer_progress`: every write names the epoch, so that a former owner writes nothing. */
export interface ProgressRow {
  next: number
  epoch: number
  published: number
  decided: number
  served: number
}

const COLUMNS = 'next_offset AS next, epoch, published, decided, served'

/** The epoch rule in SQL: never back, at least the clock, in the parity that is meant (even: open, odd: shut). */
const nextEpoch = (parity: 0 | 1): string =>
  `(SELECT e + abs(e % 2 - ${parity}) FROM (SELECT greatest(epoch + 1, $2::bigint) AS e) g)`

/** Takes the partition over: whoever owned it before can commit and tell nothing from now on. */
export async function takeOver(sql: Queryable, partition: number, nowMs: number, shut = false): Promise<ProgressRow> {
  const [row] = await sql.query<ProgressRow & Record<string, unknown>>(
    `UPDATE consumer_progress SET epoch = ${nextEpoch(shut ? 1 : 0)}, updated_at = now() WHERE partition = $1 RETURNING ${COLUMNS}`,
    [partition, nowMs],
    shut ? 'progress-take-over-shut' : 'progress-take-over',
  )
  if (!row) throw new Error(`consumer_progress has no row for partition ${partition}; run npm run migrate`)
  return row
}

/** Takes every partition over, in order; nobody decides until the transaction ends. */
export async function takeAllOver(tx: Queryable, nowMs: number): Promise<ProgressRow[]> {
  const rows = await tx.query<{ partition: number }>(
    'SELECT partition FROM consumer_progress ORDER BY partition FOR UPDATE',
  )
  const taken: ProgressRow[] = []
  for (const { partition } of rows) taken.push(await takeOver(tx, partition, nowMs))
  return taken
}

/** Raises the epoch of an owned partition; null where it is owned no more. */
export async function raise(
  sql: Queryable,
  partition: number,
  epoch: number,
  nowMs: number,
  shut: boolean,
): Promise<number | null> {
  const [row] = await sql.query<{ epoch: number }>(
    `UPDATE consumer_progress SET epoch = ${nextEpoch(shut ? 1 : 0)}, updated_at = now()
      WHERE partition = $1 AND epoch = $3 RETURNING epoch`,
    [partition, nowMs, epoch],
    shut ? 'progress-shut' : 'progress-raise',
  )
  return row?.epoch ?? null
}

/** First statement of a deciding transaction; false where the row is not as the caller believes. */
export async function advance(
  tx: Queryable,
  partition: number,
  epoch: number,
  first: number,
  last: number,
): Promise<boolean> {
  const rows = await tx.query(
    `UPDATE consumer_progress SET next_offset = $4, updated_at = now()
      WHERE partition = $1 AND epoch = $2 AND next_offset = $3 RETURNING 1`,
    [partition, epoch, first, last + 1],
    'progress-advance',
  )
  return rows.length === 1
}

/** Moves cursors forward, never back; false where the partition is owned no more. */
export async function move(
  sql: Queryable,
  partition: number,
  epoch: number,
  to: { published?: number; decided?: number; served?: number },
): Promise<boolean> {
  const rows = await sql.query(
    `UPDATE consumer_progress SET published = greatest(published, $3), decided = greatest(decided, $4),
            served = greatest(served, $5), updated_at = now()
      WHERE partition = $1 AND epoch = $2 RETURNING 1`,
    [partition, epoch, to.published ?? 0, to.decided ?? 0, to.served ?? 0],
    'progress-move',
  )
  return rows.length === 1
}

export async function readProgress(sql: Queryable, partition: number): Promise<ProgressRow> {
  const [row] = await sql.query<ProgressRow & Record<string, unknown>>(
    `SELECT ${COLUMNS} FROM consumer_progress WHERE partition = $1`,
    [partition],
    'progress-read',
  )
  if (!row) throw new Error(`consumer_progress has no row for partition ${partition}; run npm run migrate`)
  return row
}

/** Every partition's cursor of that name, by partition. */
export async function readCursors(
  sql: Queryable,
  column: 'next_offset' | 'published' | 'served' | 'epoch',
): Promise<number[]> {
  const rows = await sql.query<{ at: number }>(
    `SELECT ${column} AS at FROM consumer_progress ORDER BY partition`,
    [],
    `progress-${column}`,
  )
  return rows.map(({ at }) => at)
}
