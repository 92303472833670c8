import { describe, expect, test } from 'vitest'
import { bookApp } from './testing/app.testing.ts'

describe('other origins', () => {
  const app = bookApp({ origins: ['https://app.example.com'] })
  const preflight = { origin: 'https://app.example.com', 'access-control-request-method': 'PATCH' }

  test('on the list may call, and see what they need', async () => {
    const { headers } = await app.get('/books/b1', { origin: 'https://app.example.com' })
    expect(headers.get('access-control-allow-origin')).toBe('https://app.example.com')
    expect(headers.get('access-control-expose-headers')).toContain('ETag')
    expect(headers.get('vary')).toBe('Authorization, Origin')
    expect(headers.has('access-control-allow-credentials')).toBe(false)
    const asked = await app.send('OPTIONS', '/books/b1', undefined, preflight)
    expect(asked.status).toBe(204)
    expect(asked.headers.get('access-control-allow-methods')).toContain('PATCH')
    expect(asked.headers.get('access-control-allow-headers')).toContain('Idempotency-Key')
  })

  test.each(['https://app.example.com.evil.com', 'http://app.example.com', 'https://APP.example.com', 'null'])(
    '%s may not',
    async (origin) => {
      const { headers } = await app.get('/books/b1', { origin })
      expect(headers.has('access-control-allow-origin')).toBe(false)
      expect(headers.get('vary')).toContain('Origin')
      const asked = await app.send('OPTIONS', '/books/b1', undefined, { ...preflight, origin })
      expect(asked.headers.has('access-control-allow-methods')).toBe(false)
    },
  )

  test('are none where none is configured', async () => {
    const { headers } = await bookApp().get('/books/b1', { origin: 'https://app.example.com' })
    expect([headers.has('access-control-allow-origin'), headers.get('vary')]).toEqual([false, 'Authorization'])
  })
})
