import { describe, expect, test } from 'vitest'
import { hashedId } from '../../platform/ids.ts'
import { apollo, as, create, id, openRouters, titles } from './router.testing.ts'

openRouters()

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
