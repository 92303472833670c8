import type { Entity } from '../../../platform/commands/command.ts'
import type { Needs } from '../../../platform/commands/decide.ts'
import type { Queryable } from '../../../platform/sql/port.ts'
import type { EntityDefinition } from '../entity.ts'
import type { Item, Known } from './fold.ts'
import type { Working } from './world.ts'

/** Below a task more than this are not loaded: what moves so much at once is decided against. */
export const DESCENDANTS = 1000

type Command = Extract<Item, { needs: Needs }>

const commandsOf = (items: readonly Item[]): Command[] => items.filter((item): item is Command => 'needs' in item)

/**
 * Locks, in one statement and one order, the unique values that the batch touches, the users that it changes (exclusive)
 * or refers to or acts for (shared), and the ids of keyed commands: a separate statement before the loads, because
 * a load in the lock's own statement would miss what the winner committed while the lock was waited for.
 */
export async function lock(tx: Queryable, items: readonly Item[]): Promise<void> {
  const locks = new Map<string, boolean>()
  const add = (name: string, exclusive: boolean) => locks.set(name, exclusive || (locks.get(name) ?? false))
  for (const { command, needs } of commandsOf(items)) {
    if (command.keyed) add(`command:${command.id}`, true)
    if (command.actor.id) add(`user:${command.actor.id}`, false)
    for (const id of needs.users ?? []) add(`user:${id}`, false)
    for (const id of needs.changes ?? []) add(`user:${id}`, true)
    for (const { name, exclusive } of needs.locks ?? []) add(name, exclusive)
    for (const [namespace, values] of Object.entries(needs.unique ?? {})) {
      for (const value of values) add(`${namespace}:${value}`, true)
    }
  }
  if (locks.size === 0) return
  await tx.query(
    `SELECT count(CASE WHEN x THEN pg_advisory_xact_lock(hashtextextended(v, 0))::text
                       ELSE pg_advisory_xact_lock_shared(hashtextextended(v, 0))::text END)
       FROM (SELECT * FROM unnest($1::text[], $2::bool[]) AS k(v, x) ORDER BY hashtextextended(v, 0), x DESC) s`,
    [[...locks.keys()], [...locks.values()]],
    'batch-lock',
  )
}

/** Loads what the batch needs into the world: a handful of statements, whatever the batch's size. */
export async function load(
  tx: Queryable,
  items: readonly Item[],
  definitions: readonly EntityDefinition[],
  world: Working,
): Promise<void> {
  const commands = commandsOf(items)
  const gather = (pick: (command: Command) => readonly string[]) => [...new Set(commands.flatMap(pick))]

  for (const definition of definitions) {
    const ids = gather(({ command, needs, definition: own }) => [
      ...(own.kind === definition.kind ? [command.entity] : []),
      ...(needs.load?.[definition.kind] ?? []),
      ...(definition.kind === 'user' ? [...users(needs), ...(command.actor.id ? [command.actor.id] : [])] : []),
    ])
    await loadEntities(tx, definition, world, 'id = ANY($1::uuid[])', ids, 'ids')
    for (const [namespace, columns] of Object.entries(definition.uniques)) {
      const values = gather(({ needs }) => needs.unique?.[namespace] ?? [])
      const where = columns.map((column) => `${column} = ANY($1::text[])`).join(' OR ')
      await loadEntities(tx, definition, world, where, values, namespace)
    }
    if (definition.kind === 'project') {
      const owners = gather(({ needs }) => needs.owned ?? [])
      await loadEntities(tx, definition, world, 'owner_ids ?| $1::text[]', owners, 'owned')
      if (owners.length > 0) await loadOtherOwners(tx, definitions, world)
    }
    if (definition.kind === 'task') {
      await loadAncestors(
        tx,
        world,
        gather(({ needs }) => needs.ancestors ?? []),
      )
      await loadDescendants(
        tx,
        world,
        gather(({ needs }) => needs.descendants ?? []),
      )
    }
  }
}

/** Whether somebody owns a project alone depends on whether the other owners are still there. */
async function loadOtherOwners(tx: Queryable, definitions: readonly EntityDefinition[], world: Working): Promise<void> {
  const user = definitions.find(({ kind }) => kind === 'user')!
  const projects = [...world.all<Entity & { members: readonly { userId: string }[] }>('project')]
  const ids = new Set(projects.flatMap(({ members }) => members.map(({ userId }) => userId)))
  const missing = [...ids].filter((id) => world.one('user', id) === undefined)
  await loadEntities(tx, user, world, 'id = ANY($1::uuid[])', missing, 'ids')
}

const users = (needs: Needs): string[] => [...(needs.users ?? []), ...(needs.changes ?? [])]

async function loadEntities(
  tx: Queryable,
  { kind, table }: EntityDefinition,
  world: Working,
  where: string,
  values: readonly string[],
  name: string,
): Promise<void> {
  if (values.length === 0) return
  const counter = kind === 'project' ? ', task_counter' : ''
  const rows = await tx.query<{ data: Entity; task_counter?: number }>(
    `SELECT data${counter} FROM ${table} WHERE ${where}`,
    [values],
    `load-${table}-${name}`,
  )
  for (const { data, task_counter } of rows) {
    world.add(kind, data)
    if (task_counter !== undefined) world.addCounter(data.id, task_counter)
  }
}

async function loadAncestors(tx: Queryable, world: Working, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  const rows = await tx.query<{ data: Entity }>(
    `WITH RECURSIVE up AS (
       SELECT id, parent_id, data, 0 AS depth FROM tasks WHERE id = ANY($1::uuid[])
       UNION ALL SELECT t.id, t.parent_id, t.data, depth + 1 FROM tasks t JOIN up ON t.id = up.parent_id WHERE depth < 10)
     SELECT DISTINCT ON (id) data FROM up`,
    [ids],
    'load-tasks-up',
  )
  for (const { data } of rows) world.add('task', data)
}

/** What is below each of these, as far as the bound; a task that is below several comes once. */
async function loadDescendants(tx: Queryable, world: Working, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  const rows = await tx.query<{ data: Entity; truncated: string[] }>(
    `WITH below AS MATERIALIZED (
       SELECT top.id AS top, found.id FROM unnest($1::uuid[]) AS top(id) CROSS JOIN LATERAL (
         WITH RECURSIVE down AS (
           SELECT id FROM tasks WHERE parent_id = top.id
           UNION ALL SELECT t.id FROM tasks t JOIN down ON t.parent_id = down.id)
         SELECT id FROM down LIMIT ${DESCENDANTS + 1}) AS found)
     SELECT data, ARRAY(SELECT top FROM below GROUP BY top HAVING count(*) > ${DESCENDANTS}) AS truncated
       FROM tasks WHERE id IN (SELECT id FROM below)`,
    [ids],
    'load-tasks-down',
  )
  for (const { data } of rows) world.add('task', data)
  for (const id of rows[0]?.truncated ?? []) world.addTruncated('task', id)
}

/** First records of the batch's command ids, wherever they were decided. */
export async function loadKnown(tx: Queryable, items: readonly Item[]): Promise<Map<string, Known>> {
  const ids = commandsOf(items).map(({ command }) => command.id)
  if (ids.length === 0) return new Map()
  const rows = await tx.query<{
    command_id: string
    partition: number
    position: number
    hash: string
    entity_id: string
    version: number | null
    rejection: string | null
  }>(
    `SELECT command_id, partition, position, hash, entity_id, version, rejection
       FROM outcomes WHERE command_id = ANY($1::uuid[]) AND first`,
    [ids],
    'load-known',
  )
  return new Map(
    rows.map((row) => [
      row.command_id,
      {
        position: { partition: row.partition, offset: row.position },
        hash: row.hash,
        entity: row.entity_id,
        version: row.version,
        rejection: row.rejection,
      },
    ]),
  )
}

/** Draws numbers for the commands that need one, from a sequence: gaps are allowed, waiting for each other is not. */
export async function drawNumbers(tx: Queryable, items: readonly Item[]): Promise<number[]> {
  const count = commandsOf(items).filter(({ needs }) => needs.draw === 'project_number').length
  if (count === 0) return []
  const rows = await tx.query<{ n: number }>(
    `SELECT nextval('project_number') AS n FROM generate_series(1, $1::int)`,
    [count],
    'draw-project-number',
  )
  return rows.map(({ n }) => n)
}
