import { describe, expect, test } from 'vitest'
import { broken, createWorld, data, never, type Seen } from './wire.testing.ts'

/** Three pages of two. */
const book = ({ input }: Seen) => {
  const { cursor = '0' } = (input ?? {}) as { cursor?: string }
  const from = Number(cursor)
  return data({ items: [{ nth: from }, { nth: from + 1 }], nextCursor: from < 4 ? `${from + 2}` : null })
}

describe('a list', () => {
  test('is walked item by item, each page loaded when it is needed and not before', async () => {
    const { client, seen } = createWorld(book)
    const found: unknown[] = []
    for await (const item of client.tasks.list.items({ projectId: 'APOLLO', limit: 2 })) {
      found.push([(item as unknown as { nth: number }).nth, seen.length])
    }
    expect(found).toEqual([
      ...[
        [0, 1],
        [1, 1],
      ],
      ...[
        [2, 2],
        [3, 2],
      ],
      ...[
        [4, 3],
        [5, 3],
      ],
    ])
    expect(seen.map(({ input }) => input)).toEqual([
      { projectId: 'APOLLO', limit: 2 },
      { projectId: 'APOLLO', limit: 2, cursor: '2' },
      { projectId: 'APOLLO', limit: 2, cursor: '4' },
    ])
  })

  test('is walked page by page, from a cursor where one is given', async () => {
    const { client } = createWorld(book)
    const cursors: unknown[] = []
    for await (const { nextCursor } of client.users.list.pages({ cursor: '2' })) cursors.push(nextCursor)
    expect(cursors).toEqual(['4', null])
  })

  test('is left where one leaves it, and asks nothing before it is asked', async () => {
    const { client, seen } = createWorld(book)
    const items = client.projects.list.items()
    expect(seen).toHaveLength(0)
    for await (const _ of items) break
    expect(await items.next()).toEqual({ done: true, value: undefined })
    expect(seen).toHaveLength(1)
  })

  test('gives each page its own time, retries it, and ends with the signal', async () => {
    const controller = new AbortController()
    const { client, clock } = createWorld((request, nth) => (nth === 2 ? broken : nth === 4 ? never : book(request)), {
      timeout: 1000,
    })
    const pages = client.projects.list.pages({}, { signal: controller.signal })
    await pages.next()
    await clock.pass(5000)
    const second = pages.next()
    await clock.pass(50)
    expect(await second).toMatchObject({ value: { nextCursor: '4' } })
    const third = expect(pages.next()).rejects.toMatchObject({ code: 'client.aborted' })
    await clock.pass(1)
    controller.abort()
    await third
  })
})
