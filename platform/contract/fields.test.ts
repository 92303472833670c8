import { expect, test } from 'vitest'
import { z } from 'zod'
import { entity } from './fields.ts'

const Book = entity({ title: z.string(), pages: z.int().optional() })

test('an entity is answered as people read it, in whatever order it was kept, and without what it does not name', () => {
  const kept = {
    ...{ pages: 7, secret: 1, updatedAt: '2026-01-02T09:00:00.000Z', createdAt: '2026-01-01T09:00:00.000Z' },
    ...{ title: 'Fern', version: 2, id: '01981ee4-7c52-7e30-8c74-5b2e0b5b8c33' },
  }
  expect(JSON.stringify(Book.parse(kept))).toBe(
    '{"id":"01981ee4-7c52-7e30-8c74-5b2e0b5b8c33","version":2,"title":"Fern","pages":7,' +
      '"createdAt":"2026-01-01T09:00:00.000Z","updatedAt":"2026-01-02T09:00:00.000Z"}',
  )
})

test('what is added to it comes last', () => {
  const names = Object.keys(Book.extend({ token: z.string() }).shape)
  expect(names).toEqual(['id', 'version', 'title', 'pages', 'createdAt', 'updatedAt', 'token'])
})
