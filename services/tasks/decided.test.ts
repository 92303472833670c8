import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Event } from '../../platform/commands/command.ts'
import { hashedId, newId } from '../../platform/ids.ts'
import type { Sql } from '../../platform/sql/port.ts'
import { taskPayload, testDatabase, userPayload } from '../consumer/fixture.testing.ts'
import { createDecidingEdge } from '../projects/deciding-edge.testing.ts'
import type { CreateTask, StoredTask } from './schema.ts'

// The rules on the consumer's engine: what they need is really loaded, each command in a batch of its own.

let database: Awaited<ReturnType<typeof testDatabase>>
let sql: Sql
let decide: ReturnType<typeof createDecidingEdge>['decide']

const ivan = hashedId('ivan')
const actor = { id: ivan, role: 'member' } as const
const system = { id: null, role: 'system' } as const

beforeAll(async () => {
  database = await testDatabase()
  sql = database.sql
  decide = createDecidingEdge(sql).decide
  await decide({ type: 'user.create', entity: ivan, root: ivan, actor: system, payload: userPayload('ivan') })
})
afterAll(() => database?.drop())

async function project(name: string, key: string): Promise<string> {
  const id = newId()
  const payload = { name, nameKey: name.toLowerCase(), description: '', keys: [key] }
  await decide({ type: 'project.create', entity: id, root: id, actor, payload })
  return id
}

const say = (
  root: string,
  type: string,
  entity: string,
  payload: object = {},
  who: typeof actor | typeof system = actor,
) => decide({ type, entity, root, actor: who, payload })

async function task(root: string, more: Partial<CreateTask> = {}): Promise<StoredTask> {
  const { events } = await say(root, 'task.create', newId(), taskPayload('x', more))
  return dataOf(events)
}
const dataOf = ([event]: Event[]) => event!.data as StoredTask

const refused = (code: string) => expect.objectContaining({ code })

test('numbers run without gaps in each project, whatever was refused or removed', async () => {
  const [apollo, gemini] = [await project('Apollo', 'APOLLO'), await project('Gemini', 'GEM')]
  expect(await task(apollo)).toMatchObject({ code: 'APOLLO-1' })
  expect(await task(gemini)).toMatchObject({ code: 'GEM-1' })
  await expect(task(apollo, { parentId: newId() })).rejects.toEqual(refused('task.parent_not_found'))
  const second = await task(apollo)
  expect(second).toMatchObject({ code: 'APOLLO-2', version: 1 })
  await say(apollo, 'task.remove', second.id)
  expect(await task(apollo)).toMatchObject({ code: 'APOLLO-3' })

  const [row] = await sql.query('SELECT version, task_counter FROM projects WHERE id = $1', [apollo])
  expect(row).toEqual({ version: 1, task_counter: 3 })
})

test('a tree is judged with all that is above and below', async () => {
  const root = await project('Tree', 'TREE')
  const chain: StoredTask[] = []
  for (let depth = 1; depth <= 5; depth++) chain.push(await task(root, { parentId: chain.at(-1)?.id ?? null }))
  const [top, second, , , leaf] = chain
  await expect(task(root, { parentId: leaf!.id })).rejects.toEqual(refused('task.too_deep'))
  await expect(say(root, 'task.update', top!.id, { parentId: leaf!.id })).rejects.toEqual(refused('task.parent_cycle'))

  const other = await task(root)
  await expect(say(root, 'task.update', top!.id, { parentId: other.id })).rejects.toEqual(refused('task.too_deep'))
  await expect(say(root, 'task.remove', second!.id)).rejects.toEqual(refused('task.has_subtasks'))

  await say(root, 'task.remove', leaf!.id)
  expect(dataOf((await say(root, 'task.update', top!.id, { parentId: other.id })).events)).toMatchObject({
    parentId: other.id,
    version: 2,
  })
})

test('what was removed below is not in the way', async () => {
  const root = await project('Leaves', 'LEAVES')
  const top = await task(root)
  const below = await task(root, { parentId: top.id })
  await say(root, 'task.remove', below.id)
  expect(dataOf((await say(root, 'task.remove', top.id)).events)).toMatchObject({ deleted: true })
})

test('a task is assigned to members, as they are now', async () => {
  const root = await project('Crew', 'CREW')
  const olga = hashedId('olga')
  await say(olga, 'user.create', olga, userPayload('olga'), system)
  const { id } = await task(root)
  await expect(say(root, 'task.assign', id, { assigneeId: olga })).rejects.toEqual(refused('task.assignee_not_member'))
  await say(root, 'project.add_member', root, { user: olga, role: 'viewer' })
  expect(dataOf((await say(root, 'task.assign', id, { assigneeId: olga })).events)).toMatchObject({ assigneeId: olga })
  await say(olga, 'user.remove', olga, {}, system)
  await expect(task(root, { assigneeId: olga })).rejects.toEqual(refused('task.assignee_not_member'))
})

test('the system takes the tasks of a removed project, and nobody else changes them', async () => {
  const root = await project('Gone', 'GONE')
  const top = await task(root)
  const below = await task(root, { parentId: top.id })
  await say(root, 'project.remove', root)
  await expect(say(root, 'task.move', top.id, { state: 'todo' })).rejects.toEqual(refused('project.not_found'))
  await expect(task(root)).rejects.toEqual(refused('project.not_found'))
  for (const { id } of [top, below]) {
    expect(dataOf((await say(root, 'task.remove', id, {}, system)).events)).toMatchObject({ deleted: true })
  }
})
