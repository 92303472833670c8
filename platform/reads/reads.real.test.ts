import { randomUUID } from 'node:crypto'
import process from 'node:process'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { openRedisCache } from '../cache/redis.ts'
import { valueText } from './envelope.ts'
import { refreshEntity, replaceStamp } from './projector-cache.ts'
import { held, openReading, thing } from './reading.testing.ts'

const url = process.env.REDIS_URL
if (!url) throw new Error('REDIS_URL is not set')

const cache = openRedisCache({ url, keyPrefix: `test:${randomUUID()}:`, deadlineMs: 10_000 })
const used = ['thing:a', 'stamp:things']

beforeAll(() => vi.waitFor(() => cache.read(['thing:a'])))
afterAll(async () => {
  await cache.refresh(used.map((key) => ({ key, value: '', ttlMs: 1, mode: 'always' })))
  await cache.close()
})

test('over Redis an entity is filled, refreshed, and loaded again in a new epoch', async () => {
  const reading = openReading(cache)
  reading.store.set('a', thing(1))
  expect(await reading.things.one('a')).toEqual(thing(1))
  expect(await held(cache, 'thing:a')).toBe(valueText(thing(1), 2))
  await cache.refresh([refreshEntity('thing', thing(2), 2)])
  expect(await reading.things.one('a')).toEqual(thing(2))
  reading.store.set('a', thing(3))
  reading.epochs = [6, 4]
  expect(await reading.things.one('a')).toEqual(thing(3))
  expect(await held(cache, 'thing:a')).toBe(valueText(thing(3), 6))
  expect(reading.results).toEqual(['thing miss', 'thing hit', 'thing stale'])
})

test('over Redis a page is kept until its scope has a new stamp', async () => {
  const reading = openReading(cache)
  const load = vi.fn(async () => ['first'])
  const list = () => reading.reads.list('things', 0, 'every', load)
  await list()
  expect(await list()).toEqual(['first'])
  load.mockResolvedValue(['second'])
  await cache.refresh([replaceStamp('things', new Map([[0, 2]]))])
  expect(await list()).toEqual(['second'])
  expect(load).toHaveBeenCalledTimes(2)
})
