import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Cache } from './port.ts'
import { modelSuite } from './suite-model.ts'

const minute = 60_000
const value = (version: number, epoch: number, more = '') => `{"version":${version},"epoch":${epoch},"more":"${more}"}`
const ticket = (id: string, epoch = 1) => `{"version":0,"ticket":"${id}","epoch":${epoch}}`

/**
 * What every adapter of the port does alike. Keys are new for each test, so a cache in use will do.
 * @param wait lets time pass for the adapter, or waits for it
 */
export function cacheSuite(adapter: string, open: () => Promise<{ cache: Cache; pass(ms: number): Promise<void> }>) {
  describe(`cache on ${adapter}`, () => {
    let cache: Cache
    let pass: (ms: number) => Promise<void>
    beforeAll(async () => {
      const opened = await open()
      cache = opened.cache
      pass = opened.pass
    })
    afterAll(() => cache?.close())

    async function at(key: string): Promise<string | null> {
      const [found] = await cache.read([key])
      return found ?? null
    }

    async function put(key: string, text: string, ttlMs = minute) {
      await cache.refresh([{ key, value: text, ttlMs, mode: 'always' }])
    }

    const newer = (key: string, text: string) => cache.refresh([{ key, value: text, ttlMs: minute, mode: 'newer' }])

    describe('read', () => {
      test('gives values by key, in order, and null where there is none', async () => {
        const [a, b, c] = [randomUUID(), randomUUID(), randomUUID()]
        await put(a, value(1, 1, 'Ёлка 😀 \\"'))
        await put(c, ticket('t'))
        expect(await cache.read([c, b, a, c])).toEqual([ticket('t'), null, value(1, 1, 'Ёлка 😀 \\"'), ticket('t')])
      })

      test('of nothing gives nothing', async () => {
        expect(await cache.read([])).toEqual([])
      })
    })

    describe('take', () => {
      test('puts a ticket where there is nothing, once', async () => {
        const key = randomUUID()
        expect(await cache.take(key, ticket('a'), minute)).toBeNull()
        expect(await cache.take(key, ticket('b'), minute)).toBe(ticket('a'))
        expect(await at(key)).toBe(ticket('a'))
      })

      test('replaces exactly the text that was judged stale', async () => {
        const key = randomUUID()
        await put(key, value(5, 1))
        expect(await cache.take(key, ticket('a'), minute, value(5, 2))).toBe(value(5, 1))
        expect(await cache.take(key, ticket('a'), minute, value(5, 1))).toBeNull()
        expect(await at(key)).toBe(ticket('a'))
      })

      test('puts a ticket where the stale text has gone meanwhile', async () => {
        const key = randomUUID()
        expect(await cache.take(key, ticket('a'), minute, value(5, 1))).toBeNull()
        expect(await at(key)).toBe(ticket('a'))
      })

      test('among many gives the place to one', async () => {
        const key = randomUUID()
        const ids = Array.from({ length: 20 }, (_, n) => `t${n}`)
        const answers = await Promise.all(ids.map((id) => cache.take(key, ticket(id), minute)))
        expect(answers.filter((answer) => answer === null)).toHaveLength(1)
        expect(new Set(answers.filter((answer) => answer !== null))).toEqual(new Set([await at(key)]))
      })
    })

    describe('fill', () => {
      test('replaces its own ticket', async () => {
        const key = randomUUID()
        await cache.take(key, ticket('a'), minute)
        expect(await cache.fill(key, 'a', value(1, 1), minute)).toBe(true)
        expect(await at(key)).toBe(value(1, 1))
        expect(await cache.fill(key, 'a', value(2, 1), minute)).toBe(false)
      })

      test('knows its ticket from one whose id begins alike', async () => {
        const key = randomUUID()
        await cache.take(key, ticket('ab'), minute)
        expect(await cache.fill(key, 'a', value(1, 1), minute)).toBe(false)
        expect(await at(key)).toBe(ticket('ab'))
      })

      test('a slow reader whose ticket is gone, by an eviction or a flush, puts nothing', async () => {
        const key = randomUUID()
        expect(await cache.fill(key, 'a', value(1, 1), minute)).toBe(false)
        expect(await at(key)).toBeNull()
      })

      test('a slow reader that the projector overtook puts nothing', async () => {
        const key = randomUUID()
        await cache.take(key, ticket('a'), minute)
        await newer(key, value(2, 1))
        expect(await cache.fill(key, 'a', value(1, 1), minute)).toBe(false)
        expect(await at(key)).toBe(value(2, 1))
      })

      test('a slow reader does not fill the ticket of a later one', async () => {
        const key = randomUUID()
        await cache.take(key, ticket('a'), minute)
        await cache.take(key, ticket('b'), minute, ticket('a'))
        expect(await cache.fill(key, 'a', value(1, 1), minute)).toBe(false)
        expect(await cache.fill(key, 'b', value(2, 1), minute)).toBe(true)
      })
    })

    describe('refresh', () => {
      test.each([
        ['a ticket', ticket('a'), value(1, 1), true],
        ['a stamp', '0190a0a0', value(1, 1), true],
        ['an older version', value(1, 1), value(2, 1), true],
        ['an older version of a newer epoch', value(1, 2), value(2, 1), true],
        ['an older version, by number and not by letter', value(9, 1), value(10, 1), true],
        ['an equal version of an older epoch', value(2, 1795450881000), value(2, 1795450881001), true],
        ['not an equal version of the same epoch', value(2, 1, 'old'), value(2, 1, 'new'), false],
        ['not an equal version of a newer epoch', value(2, 2), value(2, 1), false],
        ['not a newer version, a late packet', value(3, 1), value(2, 1), false],
        ['not a newer version of an older epoch', value(3, 1), value(2, 2), false],
      ])('newer replaces %s', async (_what, before, after, replaced) => {
        const key = randomUUID()
        await put(key, before)
        await newer(key, after)
        expect(await at(key)).toBe(replaced ? after : before)
      })

      test('newer creates nothing', async () => {
        const key = randomUUID()
        await newer(key, value(1, 1))
        expect(await at(key)).toBeNull()
      })

      test('always puts, whatever is there', async () => {
        const key = randomUUID()
        for (const text of [value(3, 3), value(1, 1), 'stamp-1', 'stamp-2']) {
          await put(key, text)
          expect(await at(key)).toBe(text)
        }
      })

      test('deals with many entries, in order', async () => {
        const keys = Array.from({ length: 1000 }, () => randomUUID())
        const always = keys.map((key) => ({ key, value: value(1, 1), ttlMs: minute, mode: 'always' as const }))
        const later = keys.map((key, n) => ({ key, value: value(n % 2, 1), ttlMs: minute, mode: 'newer' as const }))
        const last = keys.map((key) => ({ key, value: value(2, 1), ttlMs: minute, mode: 'newer' as const }))
        await cache.refresh([...always, ...later])
        expect(new Set(await cache.read(keys))).toEqual(new Set([value(1, 1)]))
        await cache.refresh(last)
        expect(new Set(await cache.read(keys))).toEqual(new Set([value(2, 1)]))
      })

      test('of nothing is done', async () => {
        await cache.refresh([])
      })
    })

    describe('time to live', () => {
      test('a text is gone after its time, and the place is free', async () => {
        const [taken, filled, refreshed, lasting] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()]
        await cache.take(taken, ticket('a'), 1000)
        await cache.take(filled, ticket('a'), minute)
        await cache.fill(filled, 'a', value(1, 1), 1000.4)
        await put(refreshed, value(1, 1), 1000)
        await put(lasting, value(1, 1), 1000)
        await cache.refresh([{ key: lasting, value: value(2, 1), ttlMs: minute, mode: 'newer' }])
        await pass(1001)
        expect(await cache.read([taken, filled, refreshed, lasting])).toEqual([null, null, null, value(2, 1)])
        expect(await cache.fill(taken, 'a', value(1, 1), minute)).toBe(false)
        await newer(refreshed, value(3, 1))
        expect(await at(refreshed)).toBeNull()
        expect(await cache.take(taken, ticket('b'), minute)).toBeNull()
      })
    })

    modelSuite(() => cache)
  })
}
