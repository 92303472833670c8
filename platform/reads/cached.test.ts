import { expect, test } from 'vitest'
import { valueText } from './envelope.ts'
import { refreshEntity } from './projector-cache.ts'
import { held, openReading, type Thing, thing } from './reading.testing.ts'

const opened = () => {
  const reading = openReading()
  const cached = reading.reads.cached<Thing>({ kind: 'thing', partition: ({ partition }) => partition })
  return { ...reading, reading, cached }
}

test('what the owner has cached is seen, and what is not there is left to the owner', async () => {
  const { cached, store, things, cache, loaded } = opened()
  store.set('a', thing(3))
  expect(await cached.one('a')).toBeUndefined()
  expect(await held(cache, 'thing:a')).toBeNull()
  await things.one('a')
  expect(await cached.one('a')).toEqual(thing(3))
  expect(loaded).toEqual(['a'])
})

test('a removed one is known to be none', async () => {
  const { cached, store, things } = opened()
  store.set('a', thing(4, { deleted: true }))
  await things.one('a')
  expect(await cached.one('a')).toBeNull()
})

test("neither a reader's ticket nor a value of an older epoch is an answer", async () => {
  const { cached, cache } = opened()
  await cache.take('thing:a', 'ticket', 1000)
  expect(await cached.one('a')).toBeUndefined()
  await cache.refresh([refreshEntity('thing', thing(3), 1)])
  expect(await held(cache, 'thing:a')).toBe(valueText(thing(3), 1))
  expect(await cached.one('a')).toBeUndefined()
})

test('a cache that may not be used is not asked', async () => {
  const { cached, reading, things, store } = opened()
  store.set('a', thing(3))
  await things.one('a')
  reading.epochs = null
  expect(await cached.one('a')).toBeUndefined()
  reading.epochs = [3, 4]
  expect(await cached.one('a')).toBeUndefined()
})
