import type { AnyRouter } from '@trpc/server'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Actor } from '../../platform/auth/actor.ts'
import { callOf, contextOf } from '../../platform/http/testing/context.testing.ts'
import { hashedId } from '../../platform/ids.ts'
import { testDatabase, userPayload } from '../consumer/fixture.testing.ts'
import { createDecidingEdge } from '../projects/deciding-edge.testing.ts'
import { localProjects } from '../projects/directory.ts'
import { projectsRouter } from '../projects/router.ts'
import type { Project } from '../projects/schema.ts'
import { straightReads } from '../projects/sql.testing.ts'
import { localUsers } from '../users/directory.ts'
import { tasksRouter } from './router.ts'
import type { Task } from './schema.ts'
import { sqlTasks } from './store/sql.ts'

let database: Awaited<ReturnType<typeof testDatabase>>
let routers: { tasks: AnyRouter; projects: AnyRouter }
let decide: ReturnType<typeof createDecidingEdge>['decide']

const names = ['ada', 'oleg', 'mia', 'vera', 'ivan'] as const
type Name = (typeof names)[number]
const id = Object.fromEntries(names.map((name) => [name, hashedId(name)])) as Record<Name, string>
const actorOf = (name: Name): Actor => ({ id: id[name], role: name === 'ada' ? 'admin' : 'member', session: 's' })
const system = { id: null, role: 'system' } as const

beforeAll(async () => {
  database = await testDatabase()
  const { sql } = database
  const { edge, decide: decideOne } = createDecidingEdge(sql)
  decide = decideOne
  for (const name of names) await makeUser(name, actorOf(name).role)
  const users = localUsers(sql, straightReads)
  const parts = { reads: straightReads, commands: edge, watermarks: { reach: async () => true }, users }
  const projects = localProjects(sql, straightReads)
  routers = {
    tasks: tasksRouter({ ...parts, projects, store: sqlTasks(sql) }),
    projects: projectsRouter({ ...parts, sql }),
  }
})
afterAll(() => database?.drop())

const makeUser = (name: string, role = 'member') => {
  const user = hashedId(name)
  const payload = userPayload(name, { role })
  return decide({ type: 'user.create', entity: user, root: user, actor: system, payload })
}

/** Calls as somebody: the answer, or the code of the error. */
async function as(name: Name, path: string, input: object): Promise<unknown> {
  const service = path.split('.')[0] as keyof typeof routers
  try {
    return await callOf(routers[service], path, input, contextOf({ actor: actorOf(name) }))
  } catch (error) {
    const code = (error as { resolved?: { code: string } }).resolved?.code
    if (!code || code === 'internal') throw error
    return code
  }
}
const task = (name: Name, procedure: string, input: object) => as(name, `tasks.${procedure}`, input) as Promise<Task>
const create = (input: object = {}, by: Name = 'mia') =>
  task(by, 'create', { projectId: 'APOLLO', title: 'Engine', ...input })
const titles = async (name: Name, procedure: 'list' | 'mine', input: object) => {
  const answer = (await as(name, `tasks.${procedure}`, input)) as { items: Task[] } | string
  return typeof answer === 'string' ? answer : answer.items.map(({ title }) => title)
}

/** Apollo, in which each has a role, but Ivan, and Ada, who is an admin. */
let apollo: Project
beforeEach(async () => {
  await database.sql.script('TRUNCATE projects; TRUNCATE tasks')
  apollo = (await as('oleg', 'projects.create', { name: 'To the Moon', key: 'APOLLO' })) as Project
  await as('oleg', 'projects.addMember', { id: 'APOLLO', user: 'mia', role: 'member' })
  await as('oleg', 'projects.addMember', { id: 'APOLLO', user: 'vera', role: 'viewer' })
})

describe('create', () => {
  test('answers the task, with the next code of its project', async () => {
    expect(await create({ title: 'Engine', description: 'All five' })).toEqual({
      id: expect.any(String),
      version: 1,
      projectId: apollo.id,
      number: 1,
      code: 'APOLLO-1',
      title: 'Engine',
      description: 'All five',
      state: 'backlog',
      priority: 'normal',
      assigneeId: null,
      dueDate: null,
      labels: [],
      parentId: null,
      createdBy: id.mia,
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
    })
    const said = { state: 'todo', priority: 'urgent', dueDate: '2030-01-01', labels: ['b', 'a', 'b'] }
    expect(await create(said)).toMatchObject({ ...said, labels: ['b', 'a'], code: 'APOLLO-2' })
  })

  test('takes its project by id, number, key or name', async () => {
    for (const projectId of [apollo.id.toUpperCase(), apollo.number, String(apollo.number), 'apollo', 'TO THE MOON']) {
      expect(await create({ projectId })).toMatchObject({ projectId: apollo.id })
    }
    expect(await create({ projectId: 'GEMINI' })).toBe('project.not_found')
    expect(await create({ projectId: 999_999_999 })).toBe('project.not_found')
  })

  test('is for members who write, and for admins', async () => {
    expect(await create({}, 'vera')).toBe('access.forbidden')
    expect(await create({}, 'ivan')).toBe('project.not_found')
    expect(await create({}, 'oleg')).toMatchObject({ createdBy: id.oleg })
    expect(await create({}, 'ada')).toMatchObject({ createdBy: id.ada })
    await as('oleg', 'projects.archive', { id: 'APOLLO' })
    expect(await create()).toBe('project.archived')
  })

  test('takes an assignee by id or name, or oneself, who is a member', async () => {
    for (const assignee of ['me', 'Me', 'MIA', id.mia])
      expect(await create({ assignee })).toMatchObject({ assigneeId: id.mia })
    expect(await create({ assignee: 'vera' })).toMatchObject({ assigneeId: id.vera })
    expect(await create({ assignee: null })).toMatchObject({ assigneeId: null })
    expect(await create({ assignee: 'ivan' })).toBe('task.assignee_not_member')
    expect(await create({ assignee: hashedId('nobody') })).toBe('task.assignee_not_member')
    expect(await create({ assignee: 'nobody' })).toBe('user.not_found')
    expect(await create({ assignee: 'me' }, 'ada')).toBe('task.assignee_not_member')
  })

  test('takes a parent by id or code in the same project', async () => {
    await as('mia', 'projects.create', { name: 'Gemini', key: 'GEMINI' })
    await create({ projectId: 'GEMINI' })
    const top = await create()
    expect(await create({ parentId: top.id })).toMatchObject({ parentId: top.id })
    expect(await create({ parentId: 'apollo-1' })).toMatchObject({ parentId: top.id })
    for (const parentId of ['GEMINI-1', 'APOLLO-99', 'APOLLO', hashedId('nothing')]) {
      expect(await create({ parentId })).toBe('task.parent_not_found')
    }
  })
})

describe('a task', () => {
  test('is found by id and by code, in any case, by its project’s members and by admins only', async () => {
    const made = await create()
    for (const spelling of [made.id, made.id.toUpperCase(), 'APOLLO-1', 'apollo-1', 'Apollo-1']) {
      for (const name of ['mia', 'vera', 'ada'] as const) {
        expect(await task(name, 'byId', { id: spelling })).toEqual(made)
      }
      expect(await task('ivan', 'byId', { id: spelling })).toBe('task.not_found')
    }
    expect(await task('mia', 'byCode', { code: 'apollo-1' })).toEqual(made)
    expect(await task('ivan', 'byCode', { code: 'APOLLO-1' })).toBe('task.not_found')
    expect(await task('mia', 'byCode', { code: made.id })).toBe('task.not_found')
  })

  test('is not found by what is no code of one', async () => {
    await create()
    await as('mia', 'projects.create', { name: 'ZETA', key: 'ZZ' })
    await create({ projectId: 'ZZ' })
    for (const spelling of [
      'APOLLO-2',
      'APOLLO-0',
      'APOLLO-01',
      'APOLLO',
      '1',
      'ZETA-1',
      'GEMINI-1',
      hashedId('x'),
      '%',
    ]) {
      expect(await task('mia', 'byId', { id: spelling })).toBe('task.not_found')
    }
    expect(await task('mia', 'byId', { id: 'ZZ-1' })).toMatchObject({ code: 'ZZ-1' })
  })
})

describe('list', () => {
  test('is of one project, newest first, for whoever may read it', async () => {
    for (const title of ['a', 'b', 'c']) await create({ title })
    for (const name of ['vera', 'ada'] as const) {
      expect(await titles(name, 'list', { projectId: 'APOLLO' })).toEqual(['c', 'b', 'a'])
    }
    expect(await titles('mia', 'list', { projectId: apollo.number, sort: 'createdAt', limit: 2 })).toEqual(['a', 'b'])
    expect(await titles('ivan', 'list', { projectId: 'APOLLO' })).toBe('project.not_found')
    expect(await titles('mia', 'list', { projectId: 'GEMINI' })).toBe('project.not_found')
  })

  test('goes on from its cursor, which is good for no other list', async () => {
    for (const title of ['a', 'b', 'c']) await create({ title, priority: 'low' })
    const asked = { projectId: 'APOLLO', priority: ['low'], limit: 2 }
    const { nextCursor: cursor } = (await as('mia', 'tasks.list', asked)) as { nextCursor: string }
    expect(await titles('mia', 'list', { ...asked, cursor })).toEqual(['a'])
    expect(await titles('vera', 'list', { ...asked, cursor, limit: 1 })).toEqual(['a'])
    expect(await titles('mia', 'list', { ...asked, cursor, sort: 'createdAt' })).toBe('input.cursor')
    expect(await titles('mia', 'list', { ...asked, cursor, priority: ['low', 'high'] })).toBe('input.cursor')
    expect(await titles('mia', 'mine', { limit: 2, cursor })).toBe('input.cursor')
    expect(await titles('mia', 'list', { ...asked, cursor: 'x' })).toBe('input.cursor')
  })

  test('has filters', async () => {
    await create({ title: 'a', assignee: 'me', labels: ['x'], dueDate: '2030-01-02' })
    await create({ title: 'b', assignee: 'vera', priority: 'high', state: 'todo' })
    await create({ title: 'c', description: 'Ёлка' })
    const found = (asked: object) => titles('mia', 'list', { projectId: 'APOLLO', sort: 'createdAt', ...asked })
    expect(await found({ assignee: 'me' })).toEqual(['a'])
    expect(await found({ assignee: 'VERA' })).toEqual(['b'])
    expect(await found({ assignee: id.vera })).toEqual(['b'])
    expect(await found({ assignee: hashedId('nobody') })).toEqual([])
    expect(await found({ assignee: 'nobody' })).toBe('user.not_found')
    expect(await found({ unassigned: true })).toEqual(['c'])
    expect(await found({ unassigned: false })).toEqual(['a', 'b'])
    expect(await found({ state: ['todo', 'done'] })).toEqual(['b'])
    expect(await found({ priority: ['normal'] })).toEqual(['a', 'c'])
    expect(await found({ label: 'x' })).toEqual(['a'])
    expect(await found({ text: 'ёЛ' })).toEqual(['c'])
    expect(await found({ dueFrom: '2030-01-01', dueTo: '2030-01-02' })).toEqual(['a'])
  })
})

test('mine are those assigned to oneself, over one’s projects, and not of those that one has left', async () => {
  await as('mia', 'projects.create', { name: 'Gemini', key: 'GEMINI' })
  await create({ title: 'a', assignee: 'me' })
  await create({ title: 'b', assignee: 'vera' })
  await create({ title: 'c', projectId: 'GEMINI', assignee: 'me', priority: 'high' })
  expect(await titles('mia', 'mine', {})).toEqual(['c', 'a'])
  expect(await titles('mia', 'mine', { priority: ['high'] })).toEqual(['c'])
  expect(await titles('mia', 'mine', { sort: 'createdAt', limit: 1 })).toEqual(['a'])
  expect(await titles('ada', 'mine', {})).toEqual([])

  await as('mia', 'projects.removeMember', { id: 'APOLLO', user: 'me' })
  expect(await titles('mia', 'mine', {})).toEqual(['c'])
  await as('mia', 'projects.remove', { id: 'GEMINI' })
  expect(await titles('mia', 'mine', {})).toEqual([])
})

describe('a change', () => {
  const changes = {
    update: { title: 'New' },
    move: { state: 'todo' },
    assign: { assignee: 'me' },
    remove: {},
  }
  const each = Object.entries(changes)

  test.each(each)('%s is for those who may, and of the version that they mean', async (what, input) => {
    await create()
    const change = { id: 'apollo-1', ...input }
    expect(await task('ivan', what, change)).toBe('task.not_found')
    expect(await task('vera', what, change)).toBe('access.forbidden')
    expect(await task('mia', what, { ...change, expectedVersion: 2 })).toBe('version.mismatch')
    const done = await task('mia', what, { ...change, expectedVersion: 1 })
    if (what === 'remove') expect(done).toBeUndefined()
    else expect(done).toMatchObject({ code: 'APOLLO-1', version: 2 })
  })

  test.each(each)('%s finds no task that was removed', async (what, input) => {
    const made = await create()
    await task('mia', 'remove', { id: made.id })
    for (const spelling of [made.id, made.code]) {
      expect(await task('mia', what, { id: spelling, ...input })).toBe('task.not_found')
    }
  })

  test.each(each)('%s is refused in an archived project', async (what, input) => {
    await create()
    await as('oleg', 'projects.archive', { id: 'APOLLO' })
    expect(await task('oleg', what, { id: 'APOLLO-1', ...input })).toBe('project.archived')
  })
})

test('update changes what was sent and nothing else', async () => {
  const made = await create({ description: 'x', labels: ['a'], dueDate: '2030-01-01' })
  const changed = await task('mia', 'update', { id: 'APOLLO-1', priority: 'high' })
  expect(changed).toEqual({ ...made, version: 2, priority: 'high', updatedAt: changed.updatedAt })
  expect(await task('mia', 'update', { id: 'APOLLO-1', dueDate: null, labels: [] })).toMatchObject({
    dueDate: null,
    labels: [],
    description: 'x',
    version: 3,
  })
  expect(await task('mia', 'update', { id: 'APOLLO-1', priority: 'high' })).toMatchObject({ version: 3 })
  expect(await task('mia', 'update', { id: 'APOLLO-1' })).toMatchObject({ version: 3 })
})

test('update takes another parent, or none', async () => {
  const [top, below] = [await create(), await create()]
  expect(await task('mia', 'update', { id: below.id, parentId: 'apollo-1' })).toMatchObject({ parentId: top.id })
  expect(await task('mia', 'update', { id: top.id, parentId: below.id })).toBe('task.parent_cycle')
  expect(await task('mia', 'remove', { id: top.id })).toBe('task.has_subtasks')
  expect(await task('mia', 'update', { id: below.id, parentId: 'APOLLO-99' })).toBe('task.parent_not_found')
  expect(await task('mia', 'update', { id: below.id, parentId: null })).toMatchObject({ parentId: null, version: 3 })
  expect(await task('mia', 'update', { id: below.id, title: 'x' })).toMatchObject({ parentId: null })
})

test('move goes to the states that are allowed, and names them where it does not', async () => {
  await create()
  const call = () =>
    callOf(routers.tasks, 'tasks.move', { id: 'APOLLO-1', state: 'done' }, contextOf({ actor: actorOf('mia') }))
  await expect(call()).rejects.toMatchObject({
    resolved: {
      code: 'task.illegal_move',
      status: 409,
      extra: { from: 'backlog', allowed: ['todo', 'cancelled'] },
    },
  })
  for (const state of ['todo', 'in_progress', 'in_review', 'done', 'todo', 'cancelled', 'todo', 'backlog']) {
    expect(await task('mia', 'move', { id: 'APOLLO-1', state })).toMatchObject({ state })
  }
})

describe('assign', () => {
  test('takes a member by id or name, oneself, or nobody', async () => {
    await create()
    const assign = (assignee: string | null) => task('mia', 'assign', { id: 'APOLLO-1', assignee })
    expect(await assign('vera')).toMatchObject({ assigneeId: id.vera, version: 2 })
    expect(await assign('me')).toMatchObject({ assigneeId: id.mia })
    expect(await assign(null)).toMatchObject({ assigneeId: null })
    expect(await assign(id.vera.toUpperCase())).toMatchObject({ assigneeId: id.vera })
    expect(await assign('ivan')).toBe('task.assignee_not_member')
    expect(await assign('nobody')).toBe('user.not_found')
  })

  test('of what is so already is no change, be they a member still or not', async () => {
    await create({ assignee: 'vera' })
    expect(await task('mia', 'assign', { id: 'APOLLO-1', assignee: 'vera' })).toMatchObject({ version: 1 })
    await as('oleg', 'projects.removeMember', { id: 'APOLLO', user: 'vera' })
    expect(await task('mia', 'assign', { id: 'APOLLO-1', assignee: 'vera' })).toMatchObject({ version: 1 })
    await create()
    expect(await task('mia', 'assign', { id: 'APOLLO-2', assignee: 'vera' })).toBe('task.assignee_not_member')
  })

  test('to a user who was removed is refused, and theirs are found by their id', async () => {
    const ghost = hashedId('ghost')
    await makeUser('ghost')
    await as('oleg', 'projects.addMember', { id: 'APOLLO', user: 'ghost' })
    await create({ title: 'haunted', assignee: 'ghost' })
    await create({ title: 'other' })
    await decide({ type: 'user.remove', entity: ghost, root: ghost, actor: system, payload: {} })
    expect(await task('mia', 'assign', { id: 'APOLLO-2', assignee: ghost })).toBe('task.assignee_not_member')
    expect(await titles('mia', 'list', { projectId: 'APOLLO', assignee: ghost })).toEqual(['haunted'])
  })
})

test('a project that is removed hides its tasks at once, from everybody', async () => {
  const made = await create({ assignee: 'me' })
  await as('oleg', 'projects.remove', { id: 'APOLLO' })
  for (const name of ['mia', 'oleg', 'ada'] as const) {
    for (const spelling of [made.id, made.code]) {
      expect(await task(name, 'byId', { id: spelling })).toBe('task.not_found')
      expect(await task(name, 'update', { id: spelling, title: 'x' })).toBe('task.not_found')
    }
    expect(await titles(name, 'list', { projectId: apollo.id })).toBe('project.not_found')
  }
  expect(await titles('mia', 'mine', {})).toEqual([])
})
