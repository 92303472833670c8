import { expect, test, vi } from 'vitest'
import { openMemoryCache } from '../cache/memory.ts'
import { parseStamp, stampText } from './envelope.ts'
import { replaceStamp } from './projector-cache.ts'
import { gate, held, lists, openReading, type Reading, unanswered } from './reading.testing.ts'

const MINUTE = 60_000

const stampOf = async (reading: Reading) => parseStamp((await held(reading.cache, 'stamp:things:x'))!)

const replace = (reading: Reading, epochs: [number, number][]) =>
  reading.cache.refresh([replaceStamp('things:x', new Map(epochs))])

test('the second read comes from the cache', async () => {
  const reading = openReading()
  const { load, list } = lists(reading)
  expect(await list()).toEqual(['first'])
  expect(await list()).toEqual(['first'])
  expect(load).toHaveBeenCalledTimes(1)
  expect(reading.results).toEqual(['things miss', 'things hit'])
})

test('another query is another page', async () => {
  const reading = openReading()
  const { load, list } = lists(reading)
  await list('q=1')
  load.mockResolvedValue(['second'])
  expect(await list('q=2')).toEqual(['second'])
  expect(await list('q=1')).toEqual(['first'])
})

test('pages of one query in two scopes are kept apart', async () => {
  const reading = openReading()
  await reading.reads.list('things:x', 0, 'every', async () => 'x')
  expect(await reading.reads.list('things:y', 0, 'every', async () => 'y')).toBe('y')
})

test('the answer that there is nothing is kept too', async () => {
  const reading = openReading()
  const load = vi.fn(async (): Promise<string | undefined> => undefined)
  expect(await reading.reads.list('things', 'all', 'name=x', load)).toBeUndefined()
  expect(await reading.reads.list('things', 'all', 'name=x', load)).toBeUndefined()
  expect(load).toHaveBeenCalledTimes(1)
})

test('a new stamp makes every page of its scope a miss', async () => {
  const reading = openReading()
  const { load, list } = lists(reading)
  await list()
  load.mockResolvedValue(['second'])
  await replace(reading, [[0, 2]])
  expect(await list()).toEqual(['second'])
})

test('a page that was loaded before its stamp was replaced is not seen after', async () => {
  const reading = openReading()
  const { load, list } = lists(reading)
  load.mockImplementationOnce(async () => {
    await replace(reading, [[0, 2]])
    return ['first']
  })
  expect(await list()).toEqual(['first'])
  load.mockResolvedValue(['second'])
  expect(await list()).toEqual(['second'])
})

test('the load starts after the stamp is acknowledged', async () => {
  const cache = openMemoryCache()
  const acknowledged = gate()
  const take = vi.fn(async (...told: Parameters<typeof cache.take>) => {
    await acknowledged.passed
    return cache.take(...told)
  })
  const { load, list } = lists(openReading({ ...cache, take }))
  const answer = list()
  await expect.poll(() => take.mock.calls.length).toBe(1)
  expect(load).not.toHaveBeenCalled()
  acknowledged.open()
  expect(await answer).toEqual(['first'])
})

test('nothing is kept under a stamp whose acknowledgement is lost', async () => {
  const cache = openMemoryCache()
  const take = vi.fn(unanswered(cache, 'take').take)
  const reading = openReading({ ...cache, take })
  const { list } = lists(reading)
  expect(await list()).toEqual(['first'])
  expect(take.mock.calls.map(([key]) => key)).toEqual(['stamp:things:x'])
  expect(reading.results).toEqual(['things bypass'])
})

test('a stamp of an older epoch is replaced', async () => {
  const reading = openReading()
  const { load, list } = lists(reading)
  await list()
  load.mockResolvedValue(['second'])
  reading.epochs = [6, 4]
  expect(await list()).toEqual(['second'])
  expect((await stampOf(reading))?.epochs).toEqual({ 0: 6 })
  expect(reading.results).toEqual(['things miss', 'things stale'])
})

test('a list of one partition minds its own epoch alone', async () => {
  const reading = openReading()
  const { load, list } = lists(reading)
  await list()
  reading.epochs = [2, 7]
  await list()
  expect(load).toHaveBeenCalledTimes(1)
})

test('a list of all partitions minds each epoch: one raise is not hidden by another', async () => {
  const reading = openReading()
  const { load, list } = lists(reading, 'all')
  await replace(reading, [
    [0, 200],
    [1, 2],
  ])
  await list()
  expect((await stampOf(reading))?.epochs).toEqual([2, 4])
  reading.epochs = [2, 6]
  await list()
  expect(load).toHaveBeenCalledTimes(2)
})

test('a stamp that was made for fewer partitions is replaced', async () => {
  const reading = openReading()
  await replace(reading, [[0, 2]])
  await lists(reading, 'all').list()
  expect((await stampOf(reading))?.epochs).toEqual([2, 4])
})

test.each([
  [0, [3, 4], 'things bypass'],
  [1, [3, 4], 'things miss'],
  ['all', [3, 4], 'things bypass'],
] as const)(
  'of partitions %s at epochs %j the cache is used unless one is shut',
  async (partitions, epochs, result) => {
    const reading = openReading()
    reading.epochs = [...epochs]
    expect(await lists(reading, partitions).list()).toEqual(['first'])
    expect(reading.results).toEqual([result])
    expect((await held(reading.cache, 'stamp:things:x')) === null).toBe(result === 'things bypass')
  },
)

test('a stamp that another made first is used', async () => {
  const cache = openMemoryCache()
  const theirs = stampText('theirs', { 0: 2 })
  const reading = openReading({
    ...cache,
    async take(key, ...told) {
      if (key.startsWith('stamp:')) await cache.take(key, theirs, MINUTE)
      return cache.take(key, ...told)
    },
  })
  const { load, list } = lists(reading)
  await list()
  await list()
  expect(load).toHaveBeenCalledTimes(1)
  expect((await stampOf(reading))?.id).toBe('theirs')
})

test('only the stamps of the last thousand scopes are remembered', async () => {
  const cache = openMemoryCache()
  const read = vi.fn(cache.read)
  const { reads } = openReading({ ...cache, read })
  const list = (scope: number) => reads.list(`things:${scope}`, 0, 'every', async () => scope)
  const trips = async (scope: number) => {
    read.mockClear()
    await list(scope)
    return read.mock.calls.length
  }
  for (let scope = 0; scope <= 1_000; scope++) await list(scope)
  expect([await trips(1), await trips(0), await trips(0)]).toEqual([1, 2, 1])
})

test('a hit is one round trip, once the scope’s stamp was seen', async () => {
  const cache = openMemoryCache()
  const read = vi.fn(cache.read)
  const { load, list } = lists(openReading({ ...cache, read }))
  await list()
  read.mockClear()
  await list()
  expect(load).toHaveBeenCalledTimes(1)
  expect(read).toHaveBeenCalledTimes(1)
})

test.each([
  ['x'.repeat(256 * 1024), 2],
  ['x'.repeat(255 * 1024), 1],
  ['ё'.repeat(200 * 1024), 2],
])('a page above 256 KiB is not kept', async (page, loads) => {
  const { load, list } = lists(openReading())
  load.mockResolvedValue([page])
  await list()
  await list()
  expect(load).toHaveBeenCalledTimes(loads)
})

test('those who miss together load once, and the rest read what it kept', async () => {
  const reading = openReading()
  const { load, list } = lists(reading)
  await Promise.all(Array.from({ length: 20 }, () => list()))
  expect(load).toHaveBeenCalledTimes(1)
})

test.each(['read', 'take'] as const)(
  'a cache that does not answer a %s is no trouble of the reader',
  async (command) => {
    const reading = openReading(unanswered(openMemoryCache(), command))
    expect(await lists(reading).list()).toEqual(['first'])
    expect(reading.errors).toEqual([])
  },
)

test('a page that cannot be read is loaded', async () => {
  const cache = openMemoryCache()
  const { load, list } = lists(
    openReading({
      ...cache,
      read: async (keys) => {
        const texts = await cache.read(keys)
        return texts.map((text, place) => (keys[place]!.startsWith('page:') && text ? text.slice(0, -3) : text))
      },
    }),
  )
  await list()
  expect(await list()).toEqual(['first'])
  expect(load).toHaveBeenCalledTimes(2)
})
