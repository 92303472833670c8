import { describe, expect, test } from 'vitest'
import { bookApp } from './testing/app.testing.ts'

describe('documentation', () => {
  test('is Swagger UI from its own files, without a script in the page', async () => {
    const app = bookApp()
    const page = await (await app.get('/docs/')).text()
    expect(page).not.toMatch(/<script>|https?:/)
    for (const [, path] of page.matchAll(/(?:src|href)="([^"]+)"/g)) {
      const file = await app.get(path!)
      expect(file.status, path).toBe(200)
      expect((await file.arrayBuffer()).byteLength).toBeGreaterThan(100)
    }
    expect((await app.get('/docs')).headers.get('content-security-policy')).toContain("script-src 'self';")
    expect(await (await app.get('/docs/start.js')).text()).toContain("url: '/openapi.json'")
    expect((await app.get('/')).headers.get('location')).toBe('/docs')
  })

  test('serves the public keys', async () => {
    const response = await bookApp().get('/.well-known/jwks.json')
    expect(response.headers.get('cache-control')).toBe('max-age=300')
    expect(await response.json()).toEqual({ keys: [{ kid: 'k1' }] })
  })

  test.each(['/docs/package.json', '/docs/..%2Fpackage.json', '/docs/index.html', '/docs/constructor'])(
    'has no file %s',
    async (path) => {
      expect((await bookApp().get(path)).status).toBe(404)
    },
  )

  test('is one document, and 304 to whoever has it', async () => {
    const response = await bookApp().get('/openapi.json')
    expect(await response.json()).toMatchObject({ openapi: '3.1.0' })
    const known = await bookApp().get('/openapi.json', { 'if-none-match': response.headers.get('etag')! })
    expect([known.status, await known.text()]).toEqual([304, ''])
    const weak = await bookApp().get('/openapi.json', { 'if-none-match': `"x", W/${response.headers.get('etag')}` })
    expect([weak.status, weak.headers.get('etag')]).toEqual([304, response.headers.get('etag')])
  })

  test('explains each code where problems point to', async () => {
    const page = await (await bookApp().get('/docs/errors')).text()
    expect(page).toContain('id="book.title_taken"')
    expect(page).toContain('id="token.behind"')
    expect(page).toContain('&quot;3&quot;.')
  })
})
