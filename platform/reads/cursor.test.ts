import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { newId } from '../ids.ts'
import { formatCursor, type Page, parseCursor, toPage } from './cursor.ts'

const refused = expect.objectContaining({ code: 'input.cursor' })

describe('a cursor', () => {
  test('says the place that it was made of', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.uuid(), fc.string(), (key, id, list) => {
        fc.pre(!key.includes('\0'))
        expect(parseCursor(list, formatCursor(list, [key, id]))).toEqual([key, id])
      }),
    )
  })

  test('is good for its own list alone', () => {
    const cursor = formatCursor('newest', ['2026', newId()])
    expect(() => parseCursor('by name', cursor)).toThrow(refused)
  })

  test('is refused where it is anything else, and never reaches a store', () => {
    const [digest] = JSON.parse(Buffer.from(formatCursor('list', ['a', newId()]), 'base64url').toString())
    const forged = [
      [digest, 'a', 'no id'],
      [digest, 'a\0', newId()],
      [digest, '\ud800', newId()],
      [digest, 1, newId()],
      [digest, 'a', newId(), 'more'],
      [digest],
      {},
      null,
    ].map((value) => Buffer.from(JSON.stringify(value)).toString('base64url'))
    for (const cursor of ['', 'x', 'e30', '%', ...forged]) expect(() => parseCursor('list', cursor)).toThrow(refused)
    fc.assert(
      fc.property(fc.string(), (cursor) => {
        expect(() => parseCursor('list', cursor)).toThrow(refused)
      }),
    )
  })
})

describe('pages', () => {
  test('together are the list, whatever their size', () => {
    const keys = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 20 })
    fc.assert(
      fc.property(keys, fc.integer({ min: 1, max: 7 }), (names, limit) => {
        const all = names.map((key, n) => ({ key, id: `00000000-0000-7000-8000-${String(n).padStart(12, '0')}` }))
        all.sort((a, b) => order([a.key, a.id], [b.key, b.id]))
        expect(walk(all, limit)).toEqual(all)
      }),
    )
  })
})

type Item = { key: string; id: string }
const order = ([a, x]: readonly [string, string], [b, y]: readonly [string, string]) =>
  a < b ? -1 : a > b ? 1 : x < y ? -1 : x > y ? 1 : 0

function walk(all: Item[], limit: number): Item[] {
  const seen: Item[] = []
  let cursor: string | null = null
  do {
    const after = cursor === null ? null : parseCursor('list', cursor)
    const rows = all.filter((item) => after === null || order([item.key, item.id], after) > 0).slice(0, limit + 1)
    const page: Page<Item> = toPage(rows, {
      list: 'list',
      limit,
      place: ({ key, id }) => [key, id],
      item: (item) => item,
    })
    expect(page.items.length).toBeLessThanOrEqual(limit)
    seen.push(...page.items)
    cursor = page.nextCursor
  } while (cursor !== null)
  return seen
}
