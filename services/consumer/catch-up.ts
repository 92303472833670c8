import type { Entity } from '../../platform/commands/command.ts'
import { partitionOf } from '../../platform/log/partition.ts'
import type { Queryable } from '../../platform/sql/port.ts'
import type { EntityDefinition } from './entity.ts'
import type { MongoProjection } from './projections/mongo.ts'

const PAGE = 1000

/**
 * Where MongoDB must be brought up to date from. A database that has never seen the partition, or is further behind than
 * outcomes are kept, is first filled from the tables: guarded by version, so it does no harm to what is there.
 */
export async function servedFrom(
  sql: Queryable,
  mongo: MongoProjection,
  partition: number,
  next: number,
  definitions: readonly EntityDefinition[],
): Promise<number> {
  await mongo.prepare()
  const cursor = await mongo.cursor(partition)
  if (cursor !== null && cursor <= next && (await isKept(sql, partition, cursor, next))) return cursor
  for (const definition of definitions.filter(({ mark }) => mark === 'served')) {
    await fill(sql, mongo, partition, definition)
  }
  await mongo.moveCursor(partition, next)
  return next
}

async function isKept(sql: Queryable, partition: number, cursor: number, next: number): Promise<boolean> {
  if (cursor === next) return true
  const rows = await sql.query('SELECT 1 FROM outcomes WHERE partition = $1 AND position = $2', [partition, cursor])
  return rows.length === 1
}

async function fill(
  sql: Queryable,
  mongo: MongoProjection,
  partition: number,
  definition: EntityDefinition,
): Promise<void> {
  let after = '00000000-0000-0000-0000-000000000000'
  for (;;) {
    const rows = await sql.query<{ data: Entity }>(
      `SELECT data FROM ${definition.table} WHERE id > $1::uuid ORDER BY id LIMIT ${PAGE}`,
      [after],
    )
    const own = rows.map(({ data }) => data).filter((entity) => partitionOf(definition.root(entity)) === partition)
    if (own.length > 0) await mongo.apply(own.map((entity) => ({ definition, entity })))
    const last = rows[rows.length - 1]
    if (!last || rows.length < PAGE) return
    after = last.data.id
  }
}
