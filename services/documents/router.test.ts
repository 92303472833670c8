import type { AnyRouter } from '@trpc/server'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { hashedId } from '../../platform/ids.ts'
import { callAs, idsOf, openParts, type Parts } from '../callers.testing.ts'
import { documentsRouter } from './router.ts'
import type { Document } from './schema.ts'
import { sqlDocuments } from './store/sql.ts'

const names = ['ivan', 'olga', 'ada'] as const
type Name = (typeof names)[number]
const id = idsOf(names)

let parts: Parts
let router: AnyRouter
beforeAll(async () => {
  parts = await openParts(names)
  router = documentsRouter({ ...parts, store: sqlDocuments(parts.sql) })
})
afterAll(() => parts?.drop())
beforeEach(() => parts.sql.query('TRUNCATE documents'))

const as = (name: Name, procedure: string, input: object) => callAs(router, name, `documents.${procedure}`, input)
const create = (data: object, by: Name = 'ivan') => as(by, 'create', { data }) as Promise<Document>

test('create answers the document, with its JSON under data', async () => {
  const data = { key: 'value', 'a.b': [{ $c: null }], id: 'mine', deleted: true }
  const made = await create(data)
  expect(made).toEqual({
    id: expect.any(String),
    version: 1,
    ownerId: id.ivan,
    data,
    createdAt: expect.any(String),
    updatedAt: expect.any(String),
  })
  expect(Object.keys(made)).toEqual(['id', 'version', 'ownerId', 'data', 'createdAt', 'updatedAt'])
  expect(await as('ivan', 'byId', { id: made.id.toUpperCase() })).toEqual(made)
})

test.each([[[]], [['a']], ['text'], [1], [null], [undefined]])(
  'create refuses %j: the JSON is an object',
  async (data) => {
    expect(await as('ivan', 'create', { data })).toBe('input.invalid')
  },
)

test('create under a key that is older than its outcome says so', async () => {
  const again = () => callAs(router, 'ivan', 'documents.create', { data: { n: 1 } }, 'key')
  expect(await again()).toMatchObject({ data: { n: 1 } })
  expect(await again()).toBe('idempotency.expired')
})

test('nobody else finds it, not even an admin', async () => {
  const { id: document } = await create({})
  for (const name of ['olga', 'ada'] as const) {
    expect(await as(name, 'byId', { id: document })).toBe('document.not_found')
    expect(await as(name, 'update', { id: document, data: {} })).toBe('document.not_found')
    expect(await as(name, 'remove', { id: document })).toBe('document.not_found')
    expect(await as(name, 'list', {})).toEqual({ items: [], nextCursor: null })
  }
  expect(await as('ivan', 'byId', { id: hashedId('nothing') })).toBe('document.not_found')
  expect(await as('ivan', 'byId', { id: 'no id' })).toBe('input.invalid')
})

test('list is of one’s own, newest first, page by page', async () => {
  const all = [await create({ n: 1 }), await create({ n: 2 }), await create({ n: 3 })]
  await create({ n: 4 }, 'olga')
  expect(await as('ivan', 'list', {})).toEqual({ items: all.toReversed(), nextCursor: null })
  expect(await as('ivan', 'list', { sort: 'createdAt' })).toEqual({ items: all, nextCursor: null })
  const first = (await as('ivan', 'list', { limit: 2 })) as { nextCursor: string }
  expect(await as('ivan', 'list', { limit: 2, cursor: first.nextCursor })).toEqual({
    items: [all[0]],
    nextCursor: null,
  })
  expect(await as('ivan', 'list', { limit: 2, cursor: first.nextCursor, sort: 'createdAt' })).toBe('input.cursor')
  expect(await as('olga', 'list', { limit: 2, cursor: first.nextCursor })).toBe('input.cursor')
})

describe('a change', () => {
  test('replaces the JSON, of the version that is meant', async () => {
    const { id: document } = await create({ a: 1, b: 2 })
    expect(await as('ivan', 'update', { id: document, data: { c: 3 }, expectedVersion: 2 })).toBe('version.mismatch')
    const replaced = await as('ivan', 'update', { id: document, data: { c: 3 }, expectedVersion: 1 })
    expect(replaced).toMatchObject({ version: 2, data: { c: 3 } })
    expect(await as('ivan', 'byId', { id: document })).toEqual(replaced)
    expect(await as('ivan', 'update', { id: document, data: { c: 3 } })).toEqual(replaced)
  })

  test('removes it, of the version that is meant', async () => {
    const { id: document } = await create({})
    expect(await as('ivan', 'remove', { id: document, expectedVersion: 2 })).toBe('version.mismatch')
    expect(await as('ivan', 'remove', { id: document, expectedVersion: 1 })).toBeUndefined()
    for (const procedure of ['byId', 'remove']) {
      expect(await as('ivan', procedure, { id: document })).toBe('document.not_found')
    }
    expect(await as('ivan', 'list', {})).toEqual({ items: [], nextCursor: null })
  })
})
