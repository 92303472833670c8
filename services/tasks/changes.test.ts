import { describe, expect, test } from 'vitest'
import { callOf, contextOf } from '../../platform/http/testing/context.testing.ts'
import { hashedId } from '../../platform/ids.ts'
import { actorOf } from '../callers.testing.ts'
import { apollo, as, create, id, openRouters, people, task, tasks, titles } from './router.testing.ts'

openRouters()

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
    callOf(tasks(), 'tasks.move', { id: 'APOLLO-1', state: 'done' }, contextOf({ actor: actorOf('mia') }))
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
    await people().make('ghost')
    await as('oleg', 'projects.addMember', { id: 'APOLLO', user: 'ghost' })
    await create({ title: 'haunted', assignee: 'ghost' })
    await create({ title: 'other' })
    await people().remove('ghost')
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
