import { afterEach, describe, expect, test, vi } from 'vitest'
import { refusal } from './testing/answers.testing.ts'
import { bookApp, type TestApp } from './testing/app.testing.ts'

afterEach(() => void vi.useRealTimers())

describe('limits', () => {
  const rate = { burst: 3, perMinute: 1 }
  const statuses = async (count: number, send: () => Promise<Response>) => {
    const all = []
    for (let i = 0; i < count; i++) all.push((await send()).status)
    return all
  }

  test('are off where none is configured, and not for health', async () => {
    expect(new Set(await statuses(50, () => bookApp().get('/books/b1')))).toEqual(new Set([200]))
    const app = bookApp({ limits: { general: rate } })
    expect(new Set(await statuses(5, () => app.get('/livez')))).toEqual(new Set([200]))
  })

  test('hold for each user, wherever from, and for each address without one', async () => {
    vi.useFakeTimers({ toFake: ['performance'] }) // no token comes back meanwhile
    const app = bookApp({ limits: { general: rate } })
    expect(await statuses(4, () => app.get('/books/b1'))).toEqual([200, 200, 200, 429])
    expect(await statuses(1, () => app.get('/books/b1', { authorization: 'Bearer bob' }))).toEqual([200])
    expect(await statuses(4, () => app.get('/books/b1', { authorization: '' }))).toEqual([401, 401, 401, 429])
    const refused = await app.get('/books/b1')
    expect([refused.headers.get('retry-after'), (await refused.json()).code]).toEqual(['60', 'rate.limited'])
  })

  test('count what a batch contains', async () => {
    const app = bookApp({ limits: { general: rate } })
    expect(await statuses(2, () => app.get('/trpc/books.newest,books.newest?batch=1'))).toEqual([200, 429])
  })

  test('see through as many proxies as there are, and not one more', async () => {
    const one = { burst: 1, perMinute: 1 }
    const forwarded = async (app: TestApp, by: string) =>
      (await app.get('/books/b1', { authorization: '', 'x-forwarded-for': by })).status
    const behind = bookApp({ limits: { general: one }, proxies: 1 })
    expect(await forwarded(behind, '203.0.113.1')).toBe(401)
    expect(await forwarded(behind, '203.0.113.2')).toBe(401)
    expect(await forwarded(behind, '198.51.100.1, 203.0.113.2')).toBe(429)
    const alone = bookApp({ limits: { general: one } })
    expect(await forwarded(alone, '203.0.113.1')).toBe(401)
    expect(await forwarded(alone, '203.0.113.2')).toBe(429)
  })

  test('allow so many streams at once, until they end or their reader leaves', async () => {
    const app = bookApp({ limits: { streams: 2 } })
    const first = await app.get('/ticks?to=1&hold=true')
    await app.get(`/trpc/books.ticks?input=${encodeURIComponent('{"to":1,"hold":true}')}`)
    expect(await refusal(app.get('/ticks?to=1'))).toEqual([429, 'rate.limited'])
    expect((await app.get('/ticks?to=1', { authorization: 'Bearer bob' })).status).toBe(200)
    await first.body!.cancel()
    const again = await app.get('/ticks?to=1')
    await again.text()
    expect((await app.get('/ticks?to=1')).status).toBe(200)
    expect((await app.get('/ticks?to=x')).status).toBe(429)
  })

  test('do not count a stream that was refused', async () => {
    const app = bookApp({ limits: { streams: 1 } })
    expect((await app.get('/ticks?to=x')).status).toBe(400)
    expect((await app.get('/ticks?to=1')).status).toBe(200)
  })
})
