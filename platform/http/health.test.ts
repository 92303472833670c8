import { describe, expect, test } from 'vitest'
import { refusal } from './testing/answers.testing.ts'
import { bookApp } from './testing/app.testing.ts'

describe('health', () => {
  test('is alive, and ready when nothing is missing', async () => {
    expect((await bookApp().get('/livez')).status).toBe(200)
    expect(await (await bookApp().get('/readyz')).json()).toEqual({ status: 'ready' })
    expect((await bookApp().send('POST', '/readyz')).status).toBe(405)
    for (const path of ['/livez/', '/readyz/', '/metrics/']) expect((await bookApp().get(path)).status, path).toBe(200)
  })

  test('says which part is missing, while what does not need it goes on', async () => {
    const app = bookApp({
      health: { serving: () => true, leaving: () => false, missing: async () => ({ mongo: 'no answer' }) },
    })
    const ready = await app.get('/readyz')
    expect([ready.status, ready.headers.get('retry-after')]).toEqual([503, '1'])
    expect(await ready.json()).toEqual({ status: 'degraded', missing: { mongo: 'no answer' } })
    expect((await app.get('/books/b1')).status).toBe(200)
  })

  test('before it serves is alive, not ready, and all else is 503', async () => {
    const app = bookApp({
      health: { serving: () => false, leaving: () => false, missing: async () => ({ sql: 'opening' }) },
    })
    expect((await app.get('/livez')).status).toBe(200)
    expect((await app.get('/metrics')).status).toBe(200)
    expect(await (await app.get('/readyz')).json()).toMatchObject({ missing: { sql: 'opening' } })
    for (const path of ['/books/b1', '/trpc/books.newest', '/docs', '/nowhere']) {
      const response = await app.get(path)
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1'])
    }
    expect(await refusal(app.get('/books/b1'))).toEqual([503, 'service.starting'])
  })
})
