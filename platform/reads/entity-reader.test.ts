import { expect, test, vi } from 'vitest'
import { openMemoryCache } from '../cache/memory.ts'
import { isTicket, ticketText, valueText } from './envelope.ts'
import { refreshEntity } from './projector-cache.ts'
import { gate, held, openReading, thing, unanswered } from './reading.testing.ts'

const MINUTE = 60_000

test('the second read comes from the cache', async () => {
  const reading = openReading()
  reading.store.set('a', thing(3))
  expect(await reading.things.one('a')).toEqual(thing(3))
  expect(await reading.things.one('a')).toEqual(thing(3))
  expect(reading.loaded).toEqual(['a'])
  expect(reading.results).toEqual(['thing miss', 'thing hit'])
})

test('what a person finds in the cache is the entity, with version and epoch first', async () => {
  const reading = openReading()
  reading.store.set('a', thing(3))
  await reading.things.one('a')
  const text = await held(reading.cache, 'thing:a')
  expect(text).toMatch(/^\{"version":3,"epoch":2,/)
  expect(JSON.parse(text!)).toEqual({ ...thing(3), epoch: 2 })
})

test('a removed one is not there, from the store and from the cache', async () => {
  const reading = openReading()
  reading.store.set('a', thing(4, { deleted: true }))
  expect(await reading.things.one('a')).toBeUndefined()
  expect(await reading.things.one('a')).toBeUndefined()
  expect(reading.loaded).toEqual(['a'])
})

test('a tombstone does not stay as long as a value', async () => {
  let now = 0
  const reading = openReading(openMemoryCache({ now: () => now }))
  reading.store.set('a', thing(4, { deleted: true })).set('b', thing(1, { id: 'b' }))
  await reading.things.one('a')
  await reading.things.one('b')
  now = 20_000
  expect(await held(reading.cache, 'thing:a')).toBeNull()
  expect(await held(reading.cache, 'thing:b')).not.toBeNull()
  now = MINUTE * 1.15
  expect(await held(reading.cache, 'thing:b')).toBeNull()
})

test('what never was is not kept, and is seen as soon as it is', async () => {
  const reading = openReading()
  expect(await reading.things.one('a')).toBeUndefined()
  reading.store.set('a', thing(1))
  expect(await reading.things.one('a')).toEqual(thing(1))
})

test('a value of an older epoch is not used, and is replaced', async () => {
  const reading = openReading()
  await reading.cache.take('thing:a', valueText(thing(1), 2), MINUTE)
  reading.store.set('a', thing(2))
  reading.epochs = [6, 4]
  expect(await reading.things.one('a')).toEqual(thing(2))
  expect(await held(reading.cache, 'thing:a')).toBe(valueText(thing(2), 6))
  expect(reading.results).toEqual(['thing stale'])
})

test('the epoch that counts is the one of the entity’s partition', async () => {
  const reading = openReading()
  const elsewhere = thing(1, { partition: 1 })
  await reading.cache.take('thing:a', valueText(elsewhere, 4), MINUTE)
  reading.epochs = [100, 4]
  expect(await reading.things.one('a')).toEqual(elsewhere)
  expect(reading.loaded).toEqual([])
})

test('a value of an epoch that is not known here yet is used', async () => {
  const reading = openReading()
  await reading.cache.take('thing:a', valueText(thing(2), 8), MINUTE)
  expect(await reading.things.one('a')).toEqual(thing(2))
  expect(reading.loaded).toEqual([])
})

test('a read is held to what was known when it started', async () => {
  const cache = openMemoryCache()
  const sent = gate()
  const reading = openReading({ ...cache, read: (keys) => sent.passed.then(() => cache.read(keys)) })
  await cache.take('thing:a', valueText(thing(1), 2), MINUTE)
  const answer = reading.things.one('a')
  reading.epochs = [6, 4]
  sent.open()
  expect(await answer).toEqual(thing(1))
  expect(reading.loaded).toEqual([])
})

test('while its partition is shut the cache is neither believed nor changed', async () => {
  const reading = openReading()
  const there = valueText(thing(1), 3)
  await reading.cache.take('thing:a', there, MINUTE)
  reading.store.set('a', thing(2))
  reading.epochs = [3, 4]
  expect(await reading.things.one('a')).toEqual(thing(2))
  expect(await held(reading.cache, 'thing:a')).toBe(there)
  expect(reading.results).toEqual(['thing bypass'])
})

test('nothing is filled whose partition was shut when the ticket was taken', async () => {
  const reading = openReading()
  reading.store.set('a', thing(1))
  reading.epochs = [3, 4]
  expect(await reading.things.one('a')).toEqual(thing(1))
  expect(isTicket((await held(reading.cache, 'thing:a'))!)).toBe(true)
})

test('without epochs the cache is left alone', async () => {
  const cache = openMemoryCache()
  await cache.close()
  const reading = openReading(cache)
  reading.store.set('a', thing(1))
  reading.epochs = null
  expect(await reading.things.one('a')).toEqual(thing(1))
  expect(reading.results).toEqual(['thing bypass'])
})

test('nothing is filled when epochs are not known any more', async () => {
  const reading = openReading()
  reading.store.set('a', thing(1))
  reading.beforeLoad = () => {
    reading.epochs = null
  }
  expect(await reading.things.one('a')).toEqual(thing(1))
  expect(isTicket((await held(reading.cache, 'thing:a'))!)).toBe(true)
})

test('a value carries the epoch of its ticket, not the one known when it is filled', async () => {
  const reading = openReading()
  reading.store.set('a', thing(1))
  reading.beforeLoad = () => {
    reading.epochs = [6, 4]
  }
  await reading.things.one('a')
  expect(await held(reading.cache, 'thing:a')).toBe(valueText(thing(1), 2))
  reading.store.set('a', thing(2))
  expect(await reading.things.one('a')).toEqual(thing(2))
})

test('the load starts after the ticket is acknowledged', async () => {
  const cache = openMemoryCache()
  const acknowledged = gate()
  const take = vi.fn(async (...told: Parameters<typeof cache.take>) => {
    await acknowledged.passed
    return cache.take(...told)
  })
  const reading = openReading({ ...cache, take })
  const answer = reading.things.one('a')
  await expect.poll(() => take.mock.calls.length).toBe(1)
  expect(reading.loaded).toEqual([])
  reading.store.set('a', thing(2))
  acknowledged.open()
  expect(await answer).toEqual(thing(2))
})

test('a ticket whose acknowledgement is lost is never filled', async () => {
  const cache = openMemoryCache()
  const fill = vi.fn(cache.fill)
  const reading = openReading({ ...unanswered(cache, 'take'), fill })
  reading.store.set('a', thing(1))
  expect(await reading.things.one('a')).toEqual(thing(1))
  expect(fill).not.toHaveBeenCalled()
  expect(isTicket((await held(cache, 'thing:a'))!)).toBe(true)
})

test('another’s ticket is left to the other', async () => {
  const reading = openReading()
  const theirs = ticketText('theirs', [2, 4])
  await reading.cache.take('thing:a', theirs, MINUTE)
  reading.store.set('a', thing(1))
  expect(await reading.things.one('a')).toEqual(thing(1))
  expect(await held(reading.cache, 'thing:a')).toBe(theirs)
})

test('a ticket that the projector has replaced is not filled', async () => {
  const reading = openReading()
  reading.store.set('a', thing(1))
  reading.beforeLoad = () => reading.cache.refresh([refreshEntity('thing', thing(2), 2)])
  expect(await reading.things.one('a')).toEqual(thing(1))
  expect(await reading.things.one('a')).toEqual(thing(2))
})

test('whoever comes while a load is under way is answered by a later one, or by what it has filled', async () => {
  const reading = openReading()
  const loading = gate()
  reading.store.set('a', thing(1))
  reading.beforeLoad = () => loading.passed
  const first = reading.things.one('a')
  await expect.poll(() => reading.loaded.length).toBe(1)
  reading.store.set('a', thing(2))
  await reading.cache.refresh([refreshEntity('thing', thing(2), 2)])
  await reading.cache.refresh([{ key: 'thing:a', value: ticketText('theirs', [2, 4]), ttlMs: MINUTE, mode: 'always' }])
  const late = [reading.things.one('a'), reading.things.one('a')]
  loading.open()
  expect(await first).toEqual(thing(1))
  expect(await Promise.all(late)).toEqual([thing(2), thing(2)])
  expect(reading.loaded).toEqual(['a', 'a'])
})

test('those who miss together load once', async () => {
  const reading = openReading()
  reading.store.set('a', thing(1))
  const answers = await Promise.all(Array.from({ length: 20 }, () => reading.things.one('a')))
  expect(answers).toEqual(Array.from({ length: 20 }, () => thing(1)))
  expect(reading.loaded).toEqual(['a'])
})

test.each(['read', 'take', 'fill'] as const)(
  'a cache that does not answer a %s is no trouble of the reader',
  async (command) => {
    const reading = openReading(unanswered(openMemoryCache(), command))
    reading.store.set('a', thing(1))
    expect(await reading.things.one('a')).toEqual(thing(1))
    expect(reading.errors).toEqual([])
  },
)

test('a cache that breaks is no trouble of the reader, but is told', async () => {
  const broken = async () => {
    throw new TypeError('broken')
  }
  const reading = openReading({ ...openMemoryCache(), read: broken })
  reading.store.set('a', thing(1))
  expect(await reading.things.one('a')).toEqual(thing(1))
  expect(reading.errors).toEqual([{ err: expect.any(TypeError) }])
})

test('a text that is none of ours is replaced', async () => {
  const reading = openReading()
  await reading.cache.take('thing:a', 'PONG', MINUTE)
  reading.store.set('a', thing(1))
  expect(await reading.things.one('a')).toEqual(thing(1))
  expect(await held(reading.cache, 'thing:a')).toBe(valueText(thing(1), 2))
})

test('the store’s error reaches the caller, and the next one tries again', async () => {
  const reading = openReading()
  reading.store.set('a', thing(1))
  reading.beforeLoad = () => Promise.reject(new Error('the store is down'))
  await expect(reading.things.one('a')).rejects.toThrow('the store is down')
  reading.beforeLoad = () => {}
  expect(await reading.things.one('a')).toEqual(thing(1))
})
