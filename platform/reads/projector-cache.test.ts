import { expect, test } from 'vitest'
import { openMemoryCache } from '../cache/memory.ts'
import { parseStamp, ticketText, valueText } from './envelope.ts'
import { refreshEntity, replaceStamp } from './projector-cache.ts'
import { held, thing } from './reading.testing.ts'

const MINUTE = 60_000

test('an entity replaces what is older, and creates nothing', async () => {
  const cache = openMemoryCache()
  const refresh = (version: number, epoch: number) => cache.refresh([refreshEntity('thing', thing(version), epoch)])
  await refresh(1, 2)
  expect(await held(cache, 'thing:a')).toBeNull()
  await cache.take('thing:a', ticketText('one', [2]), MINUTE)
  await refresh(2, 2)
  await refresh(1, 4)
  expect(await held(cache, 'thing:a')).toBe(valueText(thing(2), 2))
  await refresh(2, 4)
  expect(await held(cache, 'thing:a')).toBe(valueText(thing(2), 4))
})

test('a removed entity leaves a tombstone for a short time', () => {
  const tombstone = refreshEntity('thing', thing(2, { deleted: true }), 2)
  expect(JSON.parse(tombstone.value)).toMatchObject({ version: 2, epoch: 2, deleted: true })
  expect(tombstone.ttlMs).toBeLessThan(15_000)
})

test('lifetimes are spread by 15 % around a minute', () => {
  const ttl = (unit: number) => refreshEntity('thing', thing(1), 2, { id: () => '', unit: () => unit }).ttlMs
  expect([ttl(0), ttl(0.5), ttl(1)]).toEqual([51_000, 60_000, 69_000])
})

test('a stamp is new each time, put whatever is there, and carries the epochs given', async () => {
  const cache = openMemoryCache()
  const ids = new Set<string>()
  for (let time = 0; time < 3; time++) {
    await cache.refresh([replaceStamp('things', new Map([[3, 8]]))])
    const stamp = parseStamp((await held(cache, 'stamp:things'))!)
    expect(stamp?.epochs).toEqual({ 3: 8 })
    ids.add(stamp!.id)
  }
  expect(ids.size).toBe(3)
})
