import type { AnyRouter } from '@trpc/server'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { hashedId } from '../../platform/ids.ts'
import { callAs, idsOf, openParts, type Parts } from '../callers.testing.ts'
import { projectsRouter } from './router.ts'
import type { Project } from './schema.ts'

const names = ['ada', 'oleg', 'olga', 'vera', 'ivan'] as const
type Name = (typeof names)[number]
const id = idsOf(names)

let parts: Parts
let router: AnyRouter
beforeAll(async () => {
  parts = await openParts(names)
  router = projectsRouter(parts)
})
afterAll(() => parts?.drop())
beforeEach(() => parts.sql.query('TRUNCATE projects'))

const as = (name: Name, procedure: string, input: object) => callAs(router, name, `projects.${procedure}`, input)
const create = (name: string, by: Name = 'oleg') => as(by, 'create', { name }) as Promise<Project>

describe('create', () => {
  test('answers the project, with a key of its name and oneself as its owner', async () => {
    const project = await as('oleg', 'create', { name: 'Лунная база', description: 'Cold' })
    expect(project).toEqual({
      id: expect.any(String),
      version: 1,
      number: expect.any(Number),
      key: 'LB',
      name: 'Лунная база',
      description: 'Cold',
      archived: false,
      members: [{ userId: id.oleg, role: 'owner' }],
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
    })
  })

  test('gives derived keys that are taken a numeral, and refuses given ones', async () => {
    expect(await create('Apollo')).toMatchObject({ key: 'APOLLO' })
    expect(await create('Аполло')).toMatchObject({ key: 'APOLLO2' })
    expect(await create('Apóllo')).toMatchObject({ key: 'APOLLO3' })
    expect(await as('olga', 'create', { name: 'Moon', key: 'APOLLO2' })).toBe('project.key_taken')
    expect(await as('olga', 'create', { name: 'Moon', key: 'MOON9' })).toMatchObject({ key: 'MOON9' })
  })

  test('refuses the name or the key of another project, in any case', async () => {
    await as('oleg', 'create', { name: 'Moon base', key: 'BASE' })
    expect(await create('MOON BASE', 'olga')).toBe('project.name_taken')
    expect(await create('Base', 'olga')).toBe('project.name_taken')
    expect(await as('olga', 'create', { name: 'X', key: 'BASE' })).toBe('project.key_taken')
  })

  test('under a key that is older than its outcome says so, although its own project has the name and the key', async () => {
    for (const input of [{ name: 'Apollo' }, { name: 'Moon base', key: 'BASE' }]) {
      const again = () => callAs(router, 'oleg', 'projects.create', input, `key of ${input.name}`)
      expect(await again()).toMatchObject(input)
      expect(await again()).toBe('idempotency.expired')
    }
  })

  test.each([
    ['a number', { name: '42' }],
    ['a number in other digits', { name: '４２' }],
    ['an id', { name: hashedId('x').toUpperCase() }],
    ['a reserved word', { name: 'Me' }],
    ['no part of a path', { name: ' .' }],
    ['no part of a path, in other letters', { name: '．．' }],
    ['nothing', { name: '  ' }],
    ['too long', { name: 'x'.repeat(121) }],
    ['of two lines', { name: 'a\nb' }],
    ['fine, and the key is lower case', { name: 'Fine', key: 'fine' }],
    ['fine, and the key is too long', { name: 'Fine', key: 'ABCDEFGHIJK' }],
    ['fine, and the key begins with a digit', { name: 'Fine', key: '1A' }],
    ['fine, and the key is reserved', { name: 'Fine', key: 'ME' }],
  ])('refuses a name that is %s', async (_, input) => {
    expect(await as('oleg', 'create', input)).toBe('input.invalid')
  })
})

test('each spelling finds the project, for its members and admins only', async () => {
  const project = await create('Apollo 11')
  for (const spelling of [project.id, String(project.number), 'A11', 'a11', 'apollo 11']) {
    expect(await as('oleg', 'byId', { id: spelling })).toEqual(project)
    expect(await as('ada', 'byId', { id: spelling })).toEqual(project)
    expect(await as('olga', 'byId', { id: spelling })).toBe('project.not_found')
  }
  expect(await as('oleg', 'byName', { name: 'APOLLO 11' })).toEqual(project)
  expect(await as('olga', 'byName', { name: 'APOLLO 11' })).toBe('project.not_found')
  expect(await as('oleg', 'byKey', { key: 'A11' })).toEqual(project)
  expect(await as('olga', 'byKey', { key: 'A11' })).toBe('project.not_found')
  expect(await as('oleg', 'byName', { name: 'A11' })).toBe('project.not_found')
})

test('list is of one’s own; an admin sees all, and the own where asked', async () => {
  const [first, second] = [await create('First'), await create('Second', 'olga')]
  expect(await as('oleg', 'list', {})).toEqual({ items: [first], nextCursor: null })
  expect(await as('ada', 'list', {})).toEqual({ items: [second, first], nextCursor: null })
  expect(await as('ada', 'list', { mine: true })).toEqual({ items: [], nextCursor: null })
  expect(await as('ada', 'list', { q: 'fir*', limit: 1 })).toEqual({ items: [first], nextCursor: null })
  expect(await as('ada', 'list', { limit: 101 })).toBe('input.invalid')
})

describe('a change', () => {
  const changes = {
    update: { description: 'x' },
    archive: {},
    restore: {},
    remove: {},
    addMember: { user: 'ivan', role: 'viewer' },
    changeRole: { user: 'olga', role: 'viewer' },
    removeMember: { user: 'olga' },
  }

  test.each(Object.entries(changes))(
    '%s is for those who may, and of the version that they mean',
    async (what, input) => {
      await create('Apollo')
      await as('oleg', 'addMember', { id: 'Apollo', user: 'vera', role: 'viewer' })
      await as('oleg', 'addMember', { id: 'Apollo', user: 'olga', role: 'member' })
      const change = { id: 'Apollo', ...input }
      expect(await as('ivan', what, change)).toBe('project.not_found')
      expect(await as('vera', what, change)).toBe('access.forbidden')
      expect(await as('oleg', what, { ...change, expectedVersion: 2 })).toBe('version.mismatch')
      const done = await as('oleg', what, { ...change, expectedVersion: 3 })
      if (what === 'remove') expect(done).toBeUndefined()
      else expect(done).toMatchObject({ name: 'Apollo', version: what === 'restore' ? 3 : 4 })
    },
  )

  test.each(Object.entries(changes))('%s finds no project that was removed', async (what, input) => {
    const { id } = await create('Apollo')
    await as('oleg', 'remove', { id })
    expect(await as('oleg', what, { id, ...input })).toBe('project.not_found')
  })
})

test('update takes a new name, unless it is taken', async () => {
  await create('Apollo')
  await as('oleg', 'create', { name: 'Moon base', key: 'BASE' })
  expect(await as('oleg', 'update', { id: 'BASE', name: 'apollo' })).toBe('project.name_taken')
  expect(await as('oleg', 'update', { id: 'BASE', name: 'base' })).toMatchObject({ name: 'base', key: 'BASE' })
  expect(await as('oleg', 'update', { id: 'BASE', name: 'Moon Base' })).toMatchObject({ name: 'Moon Base', version: 3 })
  expect(await as('oleg', 'update', { id: 'BASE', name: 'Moon Base' })).toMatchObject({ version: 3 })
})

test('an archived project is read and not changed, until it is restored', async () => {
  await create('Apollo')
  expect(await as('oleg', 'archive', { id: 'Apollo' })).toMatchObject({ archived: true, version: 2 })
  expect(await as('oleg', 'update', { id: 'Apollo', name: 'X' })).toBe('project.archived')
  expect(await as('oleg', 'byId', { id: 'Apollo' })).toMatchObject({ archived: true })
  expect(await as('oleg', 'restore', { id: 'Apollo' })).toMatchObject({ archived: false, version: 3 })
})

describe('members', () => {
  test('are users by id, by name, or oneself', async () => {
    await create('Apollo')
    expect(await as('oleg', 'addMember', { id: 'Apollo', user: 'OLGA' })).toMatchObject({
      members: [
        { userId: id.oleg, role: 'owner' },
        { userId: id.olga, role: 'member' },
      ],
    })
    expect(await as('oleg', 'addMember', { id: 'Apollo', user: 'nobody' })).toBe('user.not_found')
    expect(await as('oleg', 'addMember', { id: 'Apollo', user: 'olga', role: 'viewer' })).toBe('member.exists')
    expect(await as('oleg', 'changeRole', { id: 'Apollo', user: id.olga.toUpperCase(), role: 'owner' })).toMatchObject({
      version: 3,
    })
    expect(await as('oleg', 'changeRole', { id: 'Apollo', user: 'ivan', role: 'owner' })).toBe('member.not_found')
    expect(await as('oleg', 'removeMember', { id: 'Apollo', user: 'me' })).toMatchObject({
      members: [{ userId: id.olga, role: 'owner' }],
    })
    expect(await as('oleg', 'byId', { id: 'Apollo' })).toBe('project.not_found')
    expect(await as('olga', 'removeMember', { id: 'Apollo', user: 'me' })).toBe('project.last_owner')
  })

  test('may leave by any of their names, and who may not change others learns of nobody', async () => {
    await create('Apollo')
    for (const user of ['me', id.vera, 'VERA']) {
      await as('oleg', 'addMember', { id: 'Apollo', user: 'vera', role: 'viewer' })
      for (const other of ['olga', 'nobody', hashedId('nobody')]) {
        const change = { id: 'Apollo', user: other }
        expect(await as('vera', 'addMember', change)).toBe('access.forbidden')
        expect(await as('vera', 'changeRole', { ...change, role: 'viewer' })).toBe('access.forbidden')
        expect(await as('vera', 'removeMember', change)).toBe('access.forbidden')
      }
      expect(await as('vera', 'removeMember', { id: 'Apollo', user })).toMatchObject({
        members: [{ userId: id.oleg, role: 'owner' }],
      })
    }
  })

  test('who were removed as users are taken off the list, and are no owners any more', async () => {
    await create('Apollo')
    const ghost = hashedId('ghost')
    await parts.people.make('ghost')
    await as('oleg', 'addMember', { id: 'Apollo', user: 'ghost', role: 'owner' })
    await parts.people.remove('ghost')

    expect(await as('oleg', 'removeMember', { id: 'Apollo', user: 'me' })).toBe('project.last_owner')
    expect(await as('oleg', 'removeMember', { id: 'Apollo', user: 'ghost' })).toBe('user.not_found')
    expect(await as('oleg', 'removeMember', { id: 'Apollo', user: ghost })).toMatchObject({
      members: [{ userId: id.oleg, role: 'owner' }],
    })
  })
})
