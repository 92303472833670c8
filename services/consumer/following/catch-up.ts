import type { Entity } from '../../../platform/commands/command.ts'
import { partitionOf } from '../../../platform/log/partition.ts'
import type { Queryable } from '../../../platform/sql/port.ts'
import type { EntityDefinition } from '../entity.ts'
import type { ProgressRow } from '../ownership/progress.ts'
import type { MongoProjection } from './projections/mongo.ts'

/** Rows at once: documents may be of 256 KiB each. */
const PAGE = 200

/** Where MongoDB stands when a partition is taken over. */
export interface Served {
  /** The outcomes from here on are to be applied. */
  from: number
  /** It lacked what had been told, or had something else: what readers have cached of it is worth nothing. */
  wasBehind: boolean
}

export interface CatchUpParts {
  sql: Queryable
  mongo: MongoProjection
  definitions: readonly EntityDefinition[]
  /** @throws Fenced where another process has taken the partition over */
  stillOwned: () => Promise<unknown>
}

/**
 * Where MongoDB must be brought up to date from. One that has never seen the partition, is further behind than outcomes are
 * kept, or knows of more than was decided (it belongs to another database), is first filled from the tables: guarded by
 * version, so that does no harm to what is there. Another database's cursor is taken away before: nobody reads what is
 * being filled, and it is not met again once as much is decided here.
 */
export async function servedFrom(parts: CatchUpParts, partition: number, taken: ProgressRow): Promise<Served> {
  const { sql, mongo } = parts
  await mongo.prepare()
  const cursor = await mongo.cursors.of(partition)
  const isForeign = cursor !== null && cursor > taken.decided
  if (cursor !== null && !isForeign && (await isKept(sql, partition, cursor, taken.decided))) {
    return { from: cursor, wasBehind: cursor < taken.served }
  }
  if (isForeign) {
    await parts.stillOwned() // to a former owner its successor's looks the same
    await mongo.cursors.forget(partition, cursor)
  }
  await fill(parts, partition)
  await mongo.cursors.begin(partition, taken.decided)
  return { from: taken.decided, wasBehind: taken.served > 0 }
}

async function isKept(sql: Queryable, partition: number, cursor: number, decided: number): Promise<boolean> {
  if (cursor === decided) return true
  const rows = await sql.query('SELECT 1 FROM outcomes WHERE partition = $1 AND position = $2', [partition, cursor])
  return rows.length === 1
}

async function fill({ sql, mongo, definitions }: CatchUpParts, partition: number): Promise<void> {
  for (const definition of definitions) {
    if (definition.mark !== 'served') continue
    for await (const entities of pages(sql, definition, partition)) {
      await mongo.apply(entities.map((entity) => ({ definition, entity })))
    }
  }
}

/** The entities of one kind that are decided in this partition, removed ones too. */
async function* pages(sql: Queryable, { table, rootColumn }: EntityDefinition, partition: number) {
  const all = await sql.query<{ root: string }>(`SELECT DISTINCT ${rootColumn} AS root FROM ${table}`)
  const own = all.map(({ root }) => root).filter((root) => partitionOf(root) === partition)
  let after: string | undefined = '00000000-0000-0000-0000-000000000000'
  while (own.length > 0 && after) {
    const rows: { data: Entity }[] = await sql.query<{ data: Entity }>(
      `SELECT data FROM ${table} WHERE ${rootColumn} = ANY($1) AND id > $2::uuid ORDER BY id LIMIT ${PAGE}`,
      [own, after],
    )
    yield rows.map(({ data }) => data)
    after = rows.length === PAGE ? rows.at(-1)?.data.id : undefined
  }
}
