import { randomUUID } from 'node:crypto'
import process from 'node:process'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { openTcpProxy, type TcpProxy } from '../../test/tcp-proxy.ts'
import { closeRedis, connectRedis } from '../redis/connection.ts'
import { standStill } from '../standstill.testing.ts'
import { type Cache, CacheUnavailable } from './port.ts'
import { openRedisCache, type RedisCacheOptions } from './redis.ts'
import { cacheSuite } from './suite.ts'

const url = process.env.REDIS_URL
if (!url) throw new Error('REDIS_URL is not set')

const keyPrefix = `test:${randomUUID()}:`
const minute = 60_000
/** For what is not about the deadline. */
const patient = { url, keyPrefix, deadlineMs: 10_000 }

cacheSuite('Redis', async () => {
  const cache = openRedisCache(patient)
  await vi.waitFor(() => cache.read(['x']))
  return {
    cache,
    async pass(ms) {
      const marker = randomUUID()
      await cache.take(marker, 'x', ms)
      await vi.waitFor(async () => expect(await cache.read([marker])).toEqual([null]))
    },
  }
})

describe('the Redis cache', () => {
  const admin = connectRedis(url, { enableOfflineQueue: true })
  beforeAll(() => admin.ping())
  afterAll(async () => {
    const keys = await admin.keys(`${keyPrefix}*`)
    if (keys.length > 0) await admin.del(...keys)
    await closeRedis(admin)
  })

  /** Opens a cache through a proxy of its own, and waits until it works. */
  async function behindProxy(
    options: Partial<RedisCacheOptions>,
    work: (cache: Cache, proxy: TcpProxy) => Promise<void>,
  ) {
    const target = new URL(url as string)
    const proxy = await openTcpProxy({ host: target.hostname, port: Number(target.port) })
    target.port = String(proxy.port)
    const cache = openRedisCache({ keyPrefix, ...options, url: target.href })
    try {
      await works(cache)
      await work(cache, proxy)
    } finally {
      await cache.close()
      await proxy.close()
    }
  }

  const works = (cache: Cache) => vi.waitFor(() => cache.read(['x']), { timeout: 10_000 })

  const everyMove = (cache: Cache, key: string) => [
    cache.read([key]),
    cache.take(key, 'x', minute),
    cache.fill(key, 't', 'x', minute),
    cache.refresh([{ key, value: 'x', ttlMs: minute, mode: 'always' }]),
  ]

  test('shows its values to redis-cli under the prefix and the key', async () => {
    const cache = openRedisCache(patient)
    await works(cache)
    expect(cache.local).toBe(false)
    await cache.refresh([
      { key: 'project:1', value: '{"version":1,"epoch":1,"name":"Apollo"}', ttlMs: minute, mode: 'always' },
    ])
    expect(await admin.get(`${keyPrefix}project:1`)).toBe('{"version":1,"epoch":1,"name":"Apollo"}')
    expect(await admin.pttl(`${keyPrefix}project:1`)).toBeGreaterThan(0)
    await cache.close()
  })

  test('works on after the server has forgotten the scripts', async () => {
    const cache = openRedisCache(patient)
    await works(cache)
    for (let round = 0; round < 2; round++) {
      const key = randomUUID()
      const value = '{"version":1,"epoch":1}'
      await admin.script('FLUSH')
      expect(await cache.take(key, '{"version":0,"ticket":"t"}', minute)).toBeNull()
      await admin.script('FLUSH')
      expect(await cache.fill(key, 't', value, minute)).toBe(true)
      await admin.script('FLUSH')
      await cache.refresh([{ key, value: '{"version":2,"epoch":1}', ttlMs: minute, mode: 'newer' }])
      expect(await cache.read([key])).toEqual(['{"version":2,"epoch":1}'])
    }
    await cache.close()
  })

  test('many moves at once, before the scripts are known, all get through', async () => {
    const cache = openRedisCache(patient)
    await works(cache)
    await admin.script('FLUSH')
    const keys = Array.from({ length: 200 }, () => randomUUID())
    const taken = await Promise.all(keys.map((key) => cache.take(key, '{"version":0,"ticket":"t"}', minute)))
    expect(new Set(taken)).toEqual(new Set([null]))
    await cache.close()
  })

  test('an error of the server is unavailability, and not an answer', async () => {
    const cache = openRedisCache({ ...patient, breaker: { failures: 100 } })
    await works(cache)
    const key = randomUUID()
    await admin.lpush(`${keyPrefix}${key}`, 'not a text')
    await expect(cache.take(key, 'x', minute)).rejects.toThrow(CacheUnavailable)
    const entries = ['a', key].map((key) => ({
      key,
      value: '{"version":2,"epoch":1}',
      ttlMs: minute,
      mode: 'newer' as const,
    }))
    await expect(cache.refresh(entries)).rejects.toThrow(/WRONGTYPE/)
    await cache.close()
  })

  test('opens where there is no server, and every call says so', async () => {
    const cache = openRedisCache({ url: 'redis://127.0.0.1:1/0' })
    for (const move of everyMove(cache, 'k')) await expect(move).rejects.toBeInstanceOf(CacheUnavailable)
    await expect.poll(() => cache.read(['k']).catch((error) => error.message)).toContain('ECONNREFUSED')
    await cache.close()
  })

  test('opens where a server accepts and never answers, and every call says so', async () => {
    const silent = await openTcpProxy()
    const cache = openRedisCache({ url: `redis://127.0.0.1:${silent.port}/0` })
    await vi.waitFor(() => expect(silent.connections).toBe(1))
    for (const move of everyMove(cache, 'k')) await expect(move).rejects.toBeInstanceOf(CacheUnavailable)
    await cache.close()
    await silent.close()
  })

  test('a server that begins to hang costs a few deadlines, then nothing, and is found again when it answers', async () => {
    let now = () => performance.now()
    const breaker = { failures: 3, restMs: 250, now: () => now() }
    await behindProxy({ deadlineMs: 20, breaker }, async (cache, proxy) => {
      let time = performance.now()
      now = () => time
      proxy.hang()
      const reason = () => cache.read(['k']).then(String, (error) => String(error.cause))
      for (let n = 0; n < 3; n++) expect(await reason()).toMatch(/no answer within 20 ms|Redis kept silent/)
      for (const move of everyMove(cache, 'k')) await expect(move).rejects.toBeInstanceOf(CacheUnavailable)
      for (let n = 0; n < 100; n++) expect(await reason()).toContain('not tried')
      proxy.resume()
      await vi.waitFor(() => {
        time += 250
        return cache.read(['k'])
      })
    })
  })

  test('a server that refuses is found again as soon as it is connected, without a rest', async () => {
    await behindProxy({ breaker: { failures: 3, now: () => 0 } }, async (cache, proxy) => {
      proxy.cut()
      const reason = () => cache.read(['k']).then(String, (error) => String(error.cause))
      await expect.poll(reason, { interval: 1 }).toContain('not tried')
      await works(cache)
    })
  })

  test('moves that wait behind a pipeline without an answer have the same deadline', async () => {
    await behindProxy({ deadlineMs: 20, breaker: { failures: 100 } }, async (cache, proxy) => {
      proxy.hang()
      const first = cache.read(['k'])
      await new Promise((resolve) => setImmediate(resolve))
      const second = cache.read(['k'])
      const late = (move: Promise<unknown>) => expect(move).rejects.toThrow('no answer within 20 ms')
      await Promise.all([late(first), late(second)])
    })
  })

  test('a connection without an answer is given up for a new one', async () => {
    const reconnected = vi.fn()
    await behindProxy({ onReconnect: reconnected }, async (cache, proxy) => {
      proxy.hang()
      await expect(cache.read(['k'])).rejects.toBeInstanceOf(CacheUnavailable)
      await vi.waitFor(() => expect(proxy.connections).toBeGreaterThan(1), { timeout: 10_000 })
      expect(reconnected).not.toHaveBeenCalled()
      proxy.resume()
      await works(cache)
      expect(reconnected).toHaveBeenCalledTimes(1)
    })
  })

  test('tells of every connection after the first, and works at once on the new one', async () => {
    const reconnected = vi.fn()
    await behindProxy({ onReconnect: reconnected, deadlineMs: 10_000 }, async (cache, proxy) => {
      expect(reconnected).not.toHaveBeenCalled()
      for (let times = 1; times <= 2; times++) {
        proxy.cut()
        await vi.waitFor(() => expect(reconnected).toHaveBeenCalledTimes(times), { timeout: 10_000 })
        await Promise.all(everyMove(cache, randomUUID()))
      }
    })
  })

  test('moves asked for before there is a connection are refused, and not made later', async () => {
    const key = randomUUID()
    await behindProxy({ breaker: { failures: 100 } }, async (cache, proxy) => {
      proxy.hang()
      proxy.cut()
      for (const connections of [0, 1]) {
        await vi.waitFor(() => expect(proxy.connections).toBe(connections), { interval: 1, timeout: 10_000 })
      }
      await expect(cache.take(key, 'x', minute)).rejects.toBeInstanceOf(CacheUnavailable)
      proxy.resume()
      await works(cache)
      expect(await cache.read([key])).toEqual([null])
    })
  })

  test('moves under way when the connection breaks fail, and are not sent again', async () => {
    await behindProxy({ deadlineMs: 10_000, breaker: { failures: 100 } }, async (cache, proxy) => {
      const key = randomUUID()
      proxy.hang()
      const take = cache.take(key, 'x', minute)
      take.catch(() => undefined)
      await new Promise((resolve) => setImmediate(resolve))
      proxy.cut()
      proxy.resume()
      await expect(take).rejects.toBeInstanceOf(CacheUnavailable)
      await works(cache)
      expect(await cache.read([key])).toEqual([null])
    })
  })

  test('a standstill of this process is not taken for one of the server', async () => {
    await behindProxy({ breaker: { failures: 1 } }, async (cache) => {
      const reading = cache.read(['k'])
      await new Promise(setImmediate) // it is sent, and timers are next
      standStill(1500)
      expect(await reading).toEqual([null])
    })
  })

  test('is unavailable once it is closed', async () => {
    const cache = openRedisCache(patient)
    await works(cache)
    await cache.close()
    await cache.close()
    for (const move of everyMove(cache, 'k')) await expect(move).rejects.toBeInstanceOf(CacheUnavailable)
  })
})
