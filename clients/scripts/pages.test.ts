import { describe, expect, test } from 'vitest'
import { collect, itemsOf } from './pages.ts'

const list = (ids: string[]) => async (page: { limit: number; cursor?: string }) => {
  const from = Number(page.cursor ?? 0)
  const to = from + page.limit
  return { items: ids.slice(from, to).map((id) => ({ id })), nextCursor: to < ids.length ? String(to) : null }
}

describe('itemsOf', () => {
  test('goes from page to page', async () => {
    expect(await collect(itemsOf(list(['a', 'b', 'c', 'd', 'e']), 2))).toEqual([...'abcde'].map((id) => ({ id })))
    expect(await collect(itemsOf(list([])))).toEqual([])
  })

  test.each([
    ['an item that comes twice', list(['a', 'b', 'a'])],
    ['a page that is too long', async () => ({ items: [{ id: 'a' }, { id: 'b' }, { id: 'c' }], nextCursor: null })],
    ['a next page after an empty one', async () => ({ items: [], nextCursor: 'x' })],
    ['no list at all', async () => ({}) as never],
  ])('does not take %s', async (_, load) => {
    await expect(collect(itemsOf<{ id: string }>(load, 2))).rejects.toMatchObject({ name: 'WrongAnswer' })
  })
})
