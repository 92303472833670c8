import { once } from 'node:events'
import process from 'node:process'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { openTcpProxy } from '../../test/tcp-proxy.ts'
import { standStill } from '../standstill.testing.ts'
import { closeRedis, connectRedis } from './connection.ts'

const url = process.env.REDIS_URL
if (!url) throw new Error('REDIS_URL is not set')

const opened: ReturnType<typeof connectRedis>[] = []
afterEach(async () => {
  vi.useRealTimers()
  for (const redis of opened.splice(0)) await closeRedis(redis)
})

function connected(to: string) {
  const redis = connectRedis(to, { connectTimeout: 30_000 })
  const lost = vi.fn()
  redis.on('close', lost)
  opened.push(redis)
  return { redis, lost }
}

describe('a connection to Redis', () => {
  test('outlives a standstill of this process', async () => {
    const { redis, lost } = connected(url)
    await once(redis, 'ready')
    await new Promise(setImmediate) // timers are next
    const answer = redis.ping() // it is sent at once, and its answer unread
    standStill(3000)
    expect(await answer).toBe('PONG')
    expect(lost).not.toHaveBeenCalled()
  })

  test('outlives a quiet time, in which nothing is asked', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const { redis, lost } = connected(url)
    await once(redis, 'ready')
    vi.advanceTimersByTime(60_000)
    expect(await redis.ping()).toBe('PONG')
    expect(lost).not.toHaveBeenCalled()
  })

  test('outlives any time in which something always waits, and answers come', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const { redis, lost } = connected(url)
    await once(redis, 'ready')
    for (let times = 0; times < 20; times++) {
      const answer = redis.ping()
      vi.advanceTimersByTime(900)
      expect(await answer).toBe('PONG')
    }
    expect(lost).not.toHaveBeenCalled()
  })

  test('is given up when the server keeps silent, be it in the handshake, and made again', async () => {
    const silent = await openTcpProxy()
    const { redis } = connected(`redis://127.0.0.1:${silent.port}/0`)
    await once(redis, 'connect')
    const [error] = await once(redis, 'error')
    expect(error.message).toContain('kept silent')
    await once(redis, 'connect')
    await silent.close()
  })
})
