import { describe, expect, test } from 'vitest'
import { hashedId } from '../../platform/ids.ts'
import { callAs } from '../callers.testing.ts'
import { apollo, as, create, id, openRouters, task, tasks } from './router.testing.ts'

openRouters()

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

  test('under a key that is older than its outcome says so', async () => {
    const input = { projectId: 'APOLLO', title: 'Engine', assignee: 'me' }
    const again = () => callAs(tasks(), 'mia', 'tasks.create', input, 'key')
    expect(await again()).toMatchObject({ code: 'APOLLO-1' })
    expect(await again()).toBe('idempotency.expired')
    expect(await create()).toMatchObject({ code: 'APOLLO-2' })
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
