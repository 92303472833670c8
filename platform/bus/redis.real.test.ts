import { randomUUID } from 'node:crypto'
import process from 'node:process'
import { describe, expect, test, vi } from 'vitest'
import { openTcpProxy } from '../../test/tcp-proxy.ts'
import { openRedisBus } from './redis.ts'
import { busSuite, reachable } from './suite.ts'

const url = process.env.REDIS_URL
if (!url) throw new Error('REDIS_URL is not set')

busSuite('Redis', async () => {
  const bus = openRedisBus({ url })
  await reachable(randomUUID(), bus)
  return bus
})

describe('the Redis bus', () => {
  async function behindProxy(heartbeatMs: number) {
    const target = new URL(url as string)
    const proxy = await openTcpProxy({ host: target.hostname, port: Number(target.port) })
    target.port = String(proxy.port)
    return { proxy, bus: openRedisBus({ url: target.href, heartbeatMs }) }
  }

  test('goes between processes, and between those of one database and prefix only', async () => {
    const other = new URL(url)
    other.pathname = '/15'
    const buses = [{ url }, { url }, { url, prefix: 'other:' }, { url: other.href }].map(openRedisBus)
    const channel = randomUUID()
    const heard = buses.map(() => vi.fn())
    for (const [n, bus] of buses.entries()) {
      bus.subscribe(channel, (message) => message !== 'hello?' && heard[n]?.(message))
      await reachable(channel, bus)
    }
    buses[0]?.publish(channel, 'a')
    await vi.waitFor(() => expect(heard[1]).toHaveBeenCalledWith('a'))
    for (const bus of buses) await reachable(channel, bus)
    expect(heard.map((listener) => listener.mock.calls.length)).toEqual([1, 1, 0, 0])
    await Promise.all(buses.map((bus) => bus.close()))
  })

  test('opens where there is no server; messages are lost, and nothing throws', async () => {
    const bus = openRedisBus({ url: 'redis://127.0.0.1:1/0', heartbeatMs: 10 })
    const unsubscribe = bus.subscribe('a', () => undefined)
    for (let n = 0; n < 5000; n++) bus.publish('a', 'x')
    unsubscribe()
    await bus.close()
  })

  test('listens again after its connections were lost', async () => {
    const { proxy, bus } = await behindProxy(60_000)
    const channel = randomUUID()
    const heard = vi.fn()
    bus.subscribe(channel, heard)
    await reachable(channel, bus)
    for (let times = 0; times < 2; times++) {
      heard.mockClear()
      proxy.cut()
      await vi.waitFor(
        () => {
          bus.publish(channel, 'again')
          expect(heard).toHaveBeenCalledWith('again')
        },
        { timeout: 10_000 },
      )
    }
    await bus.close()
    await proxy.close()
  })

  test('listens to what was subscribed while there was no connection', async () => {
    const { proxy, bus } = await behindProxy(60_000)
    proxy.hang()
    const channel = randomUUID()
    const heard = vi.fn()
    bus.subscribe(channel, heard)
    proxy.resume()
    await reachable(channel, bus)
    expect(heard).toHaveBeenCalled()
    await bus.close()
    await proxy.close()
  })

  test('finds out that the connection it listens on is dead, and makes another', async () => {
    const { proxy, bus } = await behindProxy(50)
    const direct = openRedisBus({ url: url as string })
    const channel = randomUUID()
    const heard = vi.fn()
    bus.subscribe(channel, heard)
    await reachable(channel, bus, direct)
    heard.mockClear()
    proxy.freeze()
    await vi.waitFor(
      () => {
        direct.publish(channel, 'a')
        expect(heard).toHaveBeenCalled()
      },
      { timeout: 10_000 },
    )
    await Promise.all([bus.close(), direct.close()])
    await proxy.close()
  })
})
