import { describe, expect, test } from 'vitest'
import { refusal } from './testing/answers.testing.ts'
import { bookApp } from './testing/app.testing.ts'

describe('every answer', () => {
  const paths = [
    '/books/b1',
    '/trpc/books.newest',
    '/trpc/books.none',
    '/nowhere',
    '/livez',
    '/docs',
    '/ticks?to=1',
    '/%ff',
  ]

  test.each(paths)('%s has the headers of safety and an id', async (path) => {
    const { headers } = await bookApp().get(path)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    expect(headers.get('cache-control')).toBeTruthy()
    expect(headers.get('x-request-id')).toMatch(/^[\da-f-]{36}$/)
    expect(headers.has('strict-transport-security')).toBe(false)
  })

  test('keeps a sane request id, and no other', async () => {
    const id = async (given: string) =>
      (await bookApp().get('/livez', { 'x-request-id': given })).headers.get('x-request-id')
    expect(await id('abc-1.2:3_4')).toBe('abc-1.2:3_4')
    for (const odd of ['a b', 'x'.repeat(101), '<script>', '']) expect(await id(odd)).toMatch(/^[\da-f-]{36}$/)
  })

  test('demands https from then on where a trusted proxy says that the client came by it', async () => {
    const demanded = async (proxies: number, proto: string) => {
      const { headers } = await bookApp({ proxies }).get('/books/b1', { 'x-forwarded-proto': proto })
      return headers.get('strict-transport-security')
    }
    expect(await demanded(1, 'https')).toBe('max-age=31536000')
    expect(await demanded(2, 'HTTPS, http')).toBe('max-age=31536000')
    for (const proto of ['http', 'http, https', 'httpsx', '']) expect(await demanded(1, proto), proto).toBeNull()
    expect(await demanded(0, 'https')).toBeNull()
  })

  test('is a problem where the request cannot be read', async () => {
    for (const path of ['/books/b1', '/trpc/books.newest']) {
      expect(await refusal(bookApp().get(path, { 'if-match': 'x' }))).toEqual([400, 'version.invalid'])
      expect(await refusal(bookApp().get(path, { 'consistency-token': '!' }))).toEqual([400, 'token.invalid'])
    }
  })

  test('to a URL that is too long is 414', async () => {
    const long = `?limit=${'1'.repeat(8192)}`
    expect(await refusal(bookApp().get(`/books${long}`))).toEqual([414, 'input.too_large'])
    expect(await refusal(bookApp().get(`/trpc/books.newest${long}`))).toEqual([414, 'input.too_large'])
  })
})
