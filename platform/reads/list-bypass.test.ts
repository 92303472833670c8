import { expect, test, vi } from 'vitest'
import { openMemoryCache } from '../cache/memory.ts'
import { lists, openReading } from './reading.testing.ts'

test('without epochs the cache is left alone', async () => {
  const cache = openMemoryCache()
  await cache.close()
  const reading = openReading(cache)
  reading.epochs = null
  expect(await lists(reading).list()).toEqual(['first'])
  expect(reading.results).toEqual(['things bypass'])
})

test('past the cache too, only those share a load who ask for the same', async () => {
  const reading = openReading()
  reading.epochs = null
  const { load, list } = lists(reading)
  const elsewhere = vi.fn(async () => ['elsewhere'])
  const answers = [
    list('q=1'),
    list('q=2'),
    reading.reads.list('things:y', 0, 'q=1', elsewhere),
    list('q=1'),
    list('q=1'),
  ]
  expect(await Promise.all(answers)).toEqual([['first'], ['first'], ['elsewhere'], ['first'], ['first']])
  expect(load).toHaveBeenCalledTimes(3)
})

test('nothing is kept when epochs are not known any more', async () => {
  const reading = openReading()
  const { load, list } = lists(reading)
  load.mockImplementationOnce(async () => {
    reading.epochs = null
    return ['first']
  })
  await list()
  reading.epochs = [2, 4]
  await list()
  expect(load).toHaveBeenCalledTimes(2)
})
