import type { AnyRouter } from '@trpc/server'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Actor } from '../../platform/auth/actor.ts'
import { callOf, contextOf } from '../../platform/http/testing/context.testing.ts'
import { hashedId } from '../../platform/ids.ts'
import { testDatabase, userPayload } from '../consumer/fixture.testing.ts'
import { userQueries } from '../users/queries.ts'
import type { StoredUser } from '../users/schema.ts'
import { createDecidingEdge } from './deciding-edge.testing.ts'
import { projectsRouter } from './router.ts'
import type { Project } from './schema.ts'
import { straightReads } from './sql.testing.ts'

let database: Awaited<ReturnType<typeof testDatabase>>
let router: AnyRouter
let decide: ReturnType<typeof createDecidingEdge>['decide']

const names = ['ada', 'oleg', 'olga', 'vera', 'ivan'] as const
type Name = (typeof names)[number]
const id = Object.fromEntries(names.map((name) => [name, hashedId(name)])) as Record<Name, string>
const actorOf = (name: Name): Actor => ({ id: id[name], role: name === 'ada' ? 'admin' : 'member', session: 's' })
const system = { id: null, role: 'system' } as const

beforeAll(async () => {
  database = await testDatabase()
  const { sql } = database
  const { edge, decide: decideOne } = createDecidingEdge(sql)
  decide = decideOne
  for (const name of names) {
    const payload = userPayload(name, { role: actorOf(name).role })
    await decide({ type: 'user.create', entity: id[name], root: id[name], actor: system, payload })
  }
  const people = userQueries(sql, straightReads)
  const users = {
    find: async (reference: string): Promise<StoredUser | null> => (await people.find(reference)) ?? null,
  }
  const watermarks = { reach: async () => true }
  router = projectsRouter({ sql, reads: straightReads, commands: edge, watermarks, users })
})
afterAll(() => database?.drop())
beforeEach(() => database.sql.query('TRUNCATE projects'))

/** Calls as somebody: the answer, or the code of the error. */
async function as(name: Name, procedure: string, input: object): Promise<unknown> {
  const actor = actorOf(name)
  try {
    return await callOf(router, `projects.${procedure}`, input, contextOf({ actor }))
  } catch (error) {
    const code = (error as { resolved?: { code: string } }).resolved?.code
    if (!code || code === 'internal') throw error
    return code
  }
}
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

  test.each([
    ['a number', { name: '42' }],
    ['a number in other digits', { name: '４２' }],
    ['an id', { name: hashedId('x').toUpperCase() }],
    ['a reserved word', { name: 'Me' }],
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

  test('who were removed as users are taken off the list, and are no owners any more', async () => {
    await create('Apollo')
    const ghost = hashedId('ghost')
    const at = { entity: ghost, root: ghost, actor: system }
    await decide({ ...at, type: 'user.create', payload: userPayload('ghost') })
    await as('oleg', 'addMember', { id: 'Apollo', user: 'ghost', role: 'owner' })
    await decide({ ...at, type: 'user.remove', payload: {} })

    expect(await as('oleg', 'removeMember', { id: 'Apollo', user: 'me' })).toBe('project.last_owner')
    expect(await as('oleg', 'removeMember', { id: 'Apollo', user: 'ghost' })).toBe('user.not_found')
    expect(await as('oleg', 'removeMember', { id: 'Apollo', user: ghost })).toMatchObject({
      members: [{ userId: id.oleg, role: 'owner' }],
    })
  })
})
