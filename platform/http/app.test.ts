import { describe, expect, test } from 'vitest'
import { createMetrics } from '../telemetry/metrics.ts'
import { createRequestMetrics } from './metrics.ts'
import { bookApp } from './testing/app.testing.ts'
import { createLines } from './testing/context.testing.ts'

const login = (app: ReturnType<typeof bookApp>, headers = {}) =>
  app.send('POST', '/token', 'username=ann&password=secret', {
    'content-type': 'application/x-www-form-urlencoded',
    ...headers,
  })
const codeOf = async (answer: Promise<Response>) => {
  const response = await answer
  const body = await response.json()
  return [response.status, body.code ?? body.error.data.reason]
}

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

  test('demands https where there is nothing else', async () => {
    expect((await bookApp({ tls: true }).get('/livez')).headers.get('strict-transport-security')).toMatch('max-age=')
  })

  test('is a problem where the request cannot be read', async () => {
    for (const path of ['/books/b1', '/trpc/books.newest']) {
      expect(await codeOf(bookApp().get(path, { prefer: 'wait=x' }))).toEqual([400, 'input.malformed'])
      expect(await codeOf(bookApp().get(path, { 'consistency-token': '!' }))).toEqual([400, 'token.invalid'])
    }
  })

  test('to a URL that is too long is 414', async () => {
    const long = `?limit=${'1'.repeat(8192)}`
    expect(await codeOf(bookApp().get(`/books${long}`))).toEqual([414, 'input.too_large'])
    expect(await codeOf(bookApp().get(`/trpc/books.newest${long}`))).toEqual([414, 'input.too_large'])
  })
})

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

describe('health', () => {
  test('is alive, and ready when nothing is missing', async () => {
    expect((await bookApp().get('/livez')).status).toBe(200)
    expect(await (await bookApp().get('/readyz')).json()).toEqual({ status: 'ready' })
    expect((await bookApp().send('POST', '/readyz')).status).toBe(405)
  })

  test('says which part is missing, while what does not need it goes on', async () => {
    const app = bookApp({ health: { serving: () => true, missing: async () => ({ mongo: 'no answer' }) } })
    const ready = await app.get('/readyz')
    expect([ready.status, ready.headers.get('retry-after')]).toEqual([503, '1'])
    expect(await ready.json()).toEqual({ status: 'degraded', missing: { mongo: 'no answer' } })
    expect((await app.get('/books/b1')).status).toBe(200)
  })

  test('before it serves is alive, not ready, and all else is 503', async () => {
    const app = bookApp({ health: { serving: () => false, missing: async () => ({ sql: 'opening' }) } })
    expect((await app.get('/livez')).status).toBe(200)
    expect((await app.get('/metrics')).status).toBe(200)
    expect(await (await app.get('/readyz')).json()).toMatchObject({ missing: { sql: 'opening' } })
    for (const path of ['/books/b1', '/trpc/books.newest', '/docs', '/nowhere']) {
      const response = await app.get(path)
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1'])
    }
    expect(await codeOf(app.get('/books/b1'))).toEqual([503, 'service.starting'])
  })
})

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
  })

  test('explains each code where problems point to', async () => {
    const page = await (await bookApp().get('/docs/errors')).text()
    expect(page).toContain('id="book.title_taken"')
    expect(page).toContain('id="token.behind"')
    expect(page).toContain('such as &quot;3&quot;.')
  })
})

describe('a deadline', () => {
  const late = `/trpc/books.trouble?input=${encodeURIComponent('{"kind":"late"}')}`

  test('ends what takes too long, and tells the procedure', async () => {
    for (const directLane of [true, false]) {
      const app = bookApp({ deadlineMs: 5, directLane })
      expect(await codeOf(app.get('/trouble/late'))).toEqual([503, 'service.overloaded'])
      expect(await codeOf(app.get(late))).toEqual([503, 'service.overloaded'])
    }
  })
})

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

  test('hold strictly for some procedures, by whatever way they are called', async () => {
    const strict = { rate, procedures: ['books.login'] }
    const app = bookApp({ limits: { strict } })
    const input = { username: 'ann', password: 'secret' }
    expect((await login(app)).status).toBe(200)
    expect((await app.send('POST', '/trpc/books.login', input)).status).toBe(200)
    expect((await app.send('POST', '/trpc/books%2Elogin?batch=1', { 0: input })).status).toBe(200)
    expect(await codeOf(login(app))).toEqual([429, 'rate.limited'])
    expect(await codeOf(app.send('POST', '/trpc/books.login/', input))).toEqual([429, 'rate.limited'])
    expect((await app.get('/books/b1')).status).toBe(200)
  })

  test('see through as many proxies as there are, and not one more', async () => {
    const strict = { rate: { burst: 1, perMinute: 1 }, procedures: ['books.login'] }
    const forwarded = (app: ReturnType<typeof bookApp>, by: string) => login(app, { 'x-forwarded-for': by })
    const behind = bookApp({ limits: { strict }, proxies: 1 })
    expect((await forwarded(behind, '203.0.113.1')).status).toBe(200)
    expect((await forwarded(behind, '203.0.113.2')).status).toBe(200)
    expect((await forwarded(behind, '198.51.100.1, 203.0.113.2')).status).toBe(429)
    const alone = bookApp({ limits: { strict } })
    expect((await forwarded(alone, '203.0.113.1')).status).toBe(200)
    expect((await forwarded(alone, '203.0.113.2')).status).toBe(429)
  })

  test('allow so many streams at once, until they end or their reader leaves', async () => {
    const app = bookApp({ limits: { streams: 2 } })
    const first = await app.get('/ticks?to=1&hold=true')
    await app.get(`/trpc/books.ticks?input=${encodeURIComponent('{"to":1,"hold":true}')}`)
    expect(await codeOf(app.get('/ticks?to=1'))).toEqual([429, 'rate.limited'])
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

describe('when streams are to end', () => {
  test('they do, and their readers see it', async () => {
    const app = bookApp()
    const input = encodeURIComponent('{"to":1,"hold":true}')
    const streams = [await app.get('/ticks?to=1&hold=true'), await app.get(`/trpc/books.ticks?input=${input}`)]
    const texts = streams.map((stream) => stream.text())
    app.endStreams()
    expect(await Promise.all(texts)).toHaveLength(2)
  })
})

describe('the log', () => {
  test('has one line for each request, which names the procedure and no secret', async () => {
    const { lines, logger } = createLines()
    const app = bookApp({ logger })
    await app.get('/books/b1?x=secret', { 'x-request-id': 'r1' })
    await app.get('/trpc/books.newest,books.newest?batch=1')
    await login(app)
    await app.get('/nowhere/secret')
    expect(
      lines.map(({ requestId, method, route, status, ms }) => [typeof requestId, method, route, status, typeof ms]),
    ).toEqual([
      ['string', 'GET', 'books.byId', 400, 'number'],
      ['string', 'GET', 'batch', 200, 'number'],
      ['string', 'POST', 'books.login', 200, 'number'],
      ['string', 'GET', 'unknown', 404, 'number'],
    ])
    expect(lines[0]).toMatchObject({ requestId: 'r1', level: 30 })
    expect(JSON.stringify(lines)).not.toMatch(/secret|Bearer|ann/)
  })

  test('has the error that a client does not get, once, under the same id', async () => {
    for (const path of ['/trouble/error', `/trpc/books.trouble?input=${encodeURIComponent('{"kind":"error"}')}`]) {
      const { lines, logger } = createLines()
      await bookApp({ logger }).get(path, { 'x-request-id': 'r2' })
      expect(lines).toMatchObject([
        { level: 50, requestId: 'r2', err: { message: 'SELECT secret FROM books' } },
        { status: 500 },
      ])
    }
  })
})

test('metrics count by procedure and status, and by nothing that a client could make up', async () => {
  const app = bookApp({ metrics: createRequestMetrics(createMetrics('test')) })
  await app.get('/books/b1')
  await app.get('/trpc/books.newest')
  for (const name of ['a', 'b', 'c']) {
    await app.get(`/${name}`)
    await app.get(`/trpc/${name}.x`)
    await app.send(name.toUpperCase(), '/books')
  }
  const response = await app.get('/metrics')
  expect(response.headers.get('content-type')).toContain('text/plain')
  const counts = [...(await response.text()).matchAll(/http_request_seconds_count\{service="test",(.*?)\} (\d+)/g)].map(
    ([, labels, count]) => [labels, count],
  )
  expect(counts).toEqual([
    ['procedure="books.byId",status="200"', '1'],
    ['procedure="books.newest",status="200"', '1'],
    ['procedure="unknown",status="404"', '6'],
    ['procedure="unknown",status="405"', '3'],
  ])
})
