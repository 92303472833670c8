import type { Queryable } from '../../../platform/sql/port.ts'
import type { EntityDefinition } from '../entity.ts'
import type { Decided, Item } from './fold.ts'
import type { Working } from './world.ts'

/** Writes what the fold changed: one guarded bulk upsert per table. */
export async function saveEntities(
  tx: Queryable,
  definitions: readonly EntityDefinition[],
  world: Working,
): Promise<void> {
  const { entities, counters } = world.changes()
  for (const { kind, table } of definitions) {
    const changed = [...(entities.get(kind)?.values() ?? [])]
    if (changed.length === 0) continue
    const written = await tx.query(
      `INSERT INTO ${table} AS old (id, version, data)
       SELECT id, version, data::jsonb FROM unnest($1::uuid[], $2::int[], $3::text[]) AS t(id, version, data)
       ON CONFLICT (id) DO UPDATE SET version = excluded.version, data = excluded.data
        WHERE old.version < excluded.version RETURNING 1`,
      [
        changed.map(({ id }) => id),
        changed.map(({ version }) => version),
        changed.map((entity) => JSON.stringify(entity)),
      ],
      `save-${table}`,
    )
    if (written.length !== changed.length) {
      throw new Error(`${table}: ${changed.length} rows to write, ${written.length} written: another writer was here`)
    }
  }
  await saveCounters(tx, counters)
}

/** The last task number given in each project. */
export async function saveCounters(tx: Queryable, counters: ReadonlyMap<string, number>): Promise<void> {
  if (counters.size === 0) return
  await tx.query(
    `UPDATE projects SET task_counter = c.last
       FROM unnest($1::uuid[], $2::int[]) AS c(id, last) WHERE projects.id = c.id AND task_counter < c.last`,
    [[...counters.keys()], [...counters.values()]],
    'save-counters',
  )
}

/**
 * Writes one row per outcome; `after` is what must be on `events` before any of them.
 * @returns their size as JSON, in characters
 */
export async function saveOutcomes(
  tx: Queryable,
  partition: number,
  decided: readonly Decided[],
  after: readonly number[],
): Promise<number> {
  const records = decided.map(({ outcome }) => JSON.stringify(outcome))
  await tx.query(
    `INSERT INTO outcomes (partition, position, command_id, first, actor, hash, entity_id, version, rejection, record, after)
     SELECT $1::int, position, command, first, actor, hash, entity, version, rejection, record::jsonb, $2::bigint[]
       FROM unnest($3::bigint[], $4::uuid[], $5::bool[], $6::text[], $7::text[], $8::uuid[], $9::int[], $10::text[], $11::text[])
         AS t(position, command, first, actor, hash, entity, version, rejection, record)`,
    [
      partition,
      after,
      decided.map(({ outcome }) => outcome.offset),
      decided.map(({ outcome }) => outcome.command),
      decided.map(({ first }) => first),
      decided.map(({ outcome }) => outcome.actor),
      decided.map(({ outcome }) => outcome.hash),
      decided.map(({ outcome }) => outcome.entity),
      decided.map(({ version }) => version),
      decided.map(({ outcome }) => outcome.rejection?.code ?? null),
      records,
    ],
    'save-outcomes',
  )
  return records.reduce((size, { length }) => size + length, 0)
}

/** Keeps the records that were set aside, for a person to look at. */
export async function saveDeadLetters(
  tx: Queryable,
  items: readonly Item[],
  decided: readonly Decided[],
): Promise<void> {
  const letters = decided.flatMap(({ dead, outcome }, index) =>
    dead === undefined ? [] : [{ dead, code: outcome.rejection?.code ?? 'command.failed', item: items[index]! }],
  )
  if (letters.length === 0) return
  await tx.query(
    `INSERT INTO dead_letters (partition, position, command_id, key, value, code, reason)
     SELECT * FROM unnest($1::int[], $2::bigint[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[])`,
    [
      letters.map(({ item }) => item.position.partition),
      letters.map(({ item }) => item.position.offset),
      letters.map(({ item }) => ('command' in item ? item.command.id : null)),
      letters.map(({ item }) => clean(item.key)),
      letters.map(({ item }) => clean(item.value)),
      letters.map(({ code }) => code),
      letters.map(({ dead }) => clean(dead)),
    ],
    'save-dead-letters',
  )
}

/** Postgres text has neither NUL, which is shown as its escape, nor half a surrogate. */
const clean = (text: string): string => text.replaceAll('\u0000', '\\u0000').replaceAll(/\p{Surrogate}/gu, '\ufffd')
