import { describe, expect, test } from 'vitest'
import { openMemoryCache } from './memory.ts'
import { CacheUnavailable } from './port.ts'
import { cacheSuite } from './suite.ts'

cacheSuite('memory', async () => {
  let time = 0
  return {
    cache: openMemoryCache({ now: () => time }),
    async pass(ms) {
      time += ms
    },
  }
})

describe('the memory cache', () => {
  const always = (key: string, value: string) => ({ key, value, ttlMs: 60_000, mode: 'always' as const })

  test('lets go of what was not used for the longest time', async () => {
    const cache = openMemoryCache({ maxEntries: 3 })
    await cache.refresh([always('a', '1'), always('b', '2'), always('c', '3')])
    await cache.read(['a'])
    await cache.refresh([always('d', '4')])
    expect(await cache.read(['a', 'b', 'c', 'd'])).toEqual(['1', null, '3', '4'])
    await cache.refresh([always('c', '33'), always('e', '5')])
    expect(await cache.read(['a', 'c', 'd', 'e'])).toEqual([null, '33', '4', '5'])
  })

  test('holds no more text than it may, and nothing that is larger', async () => {
    const cache = openMemoryCache({ maxLength: 10 })
    await cache.refresh([always('a', '12345'), always('b', '12345')])
    await cache.refresh([always('a', '1234')])
    expect(await cache.read(['b', 'a'])).toEqual(['12345', '1234'])
    await cache.refresh([always('c', '123456')])
    expect(await cache.read(['a', 'b', 'c'])).toEqual(['1234', null, '123456'])
    await cache.refresh([always('d', '12345678901')])
    expect(await cache.read(['a', 'b', 'c', 'd'])).toEqual(['1234', null, '123456', null])
  })

  test('forgets the length of what has expired', async () => {
    let time = 0
    const cache = openMemoryCache({ maxLength: 10, now: () => time })
    for (let n = 0; n < 20; n++) {
      await cache.refresh([always('a', '1234567')])
      time += 60_000
      expect(await cache.read(['a'])).toEqual([null])
    }
    await cache.refresh([always('b', '123'), always('a', '1234567')])
    expect(await cache.read(['a', 'b'])).toEqual(['1234567', '123'])
  })

  test('lives in this process, and is unavailable once it is closed', async () => {
    const cache = openMemoryCache()
    expect(cache.local).toBe(true)
    await cache.close()
    await cache.close()
    const calls = [cache.read(['a']), cache.take('a', 'x', 1), cache.fill('a', 'x', 'y', 1), cache.refresh([])]
    for (const call of calls) await expect(call).rejects.toBeInstanceOf(CacheUnavailable)
  })
})
