import { lazy } from '@trpc/server'
import { describe, expect, test } from 'vitest'
import type { Entity } from '../commands/command.ts'
import { bookApp, dune, type TestApp } from '../http/testing/app.testing.ts'
import { createBooks } from '../http/testing/service.testing.ts'
import { t } from '../trpc/trpc.ts'

const seen = { id: 'b1', version: 3, title: 'Dune', pages: 412, authorId: 'a1' }
const form = { 'content-type': 'application/x-www-form-urlencoded' }

/** Status and body. */
async function of(answer: Promise<Response>): Promise<[number, unknown]> {
  const response = await answer
  const text = await response.text()
  return [response.status, text === '' ? null : JSON.parse(text)]
}
async function problem(answer: Promise<Response>): Promise<[number, string, unknown?]> {
  const response = await answer
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  const { status, code, issues } = await response.json()
  expect(status).toBe(response.status)
  return issues ? [status, code, issues] : [status, code]
}
const asked = async (app: TestApp, query: string) =>
  ((await of(app.get(`/books?${query}`)))[1] as { asked: unknown }).asked

describe('what other adapters get wrong', () => {
  test('?done=false is false, and ?done=maybe is refused', async () => {
    const app = bookApp()
    expect(await asked(app, 'done=false')).toMatchObject({ done: false })
    expect(await asked(app, 'done=true')).toMatchObject({ done: true })
    expect(await problem(app.get('/books?done=maybe'))).toMatchObject([400, 'input.invalid', [{ path: ['done'] }]])
  })

  test('a JSON body is not coerced', async () => {
    const app = bookApp()
    expect(await of(app.send('POST', '/count', { n: 5 }))).toEqual([200, { n: 5 }])
    expect(await problem(app.send('POST', '/count', { n: '5' }))).toMatchObject([
      400,
      'input.invalid',
      [{ path: ['n'] }],
    ])
  })

  test('the tRPC side stays as strict after a REST call', async () => {
    const app = bookApp()
    await app.get('/books?limit=5&done=false')
    await app.get('/rows/1/places/2')
    expect((await app.send('POST', '/trpc/books.count', { n: '5' })).status).toBe(400)
    const input = encodeURIComponent('{"limit":"5"}')
    expect((await app.get(`/trpc/books.list?input=${input}`)).status).toBe(400)
  })

  test('path parameters are decoded, and coerced', async () => {
    const app = bookApp({}, new Map<string, Entity>([['john doe/ё', { ...dune, id: 'john doe/ё' }]]))
    expect(await of(app.get('/books/john%20doe%2F%D1%91'))).toMatchObject([200, { id: 'john doe/ё' }])
    expect(await of(app.get('/rows/1/places/2'))).toEqual([200, { row: 1, place: 2 }])
    expect(await of(app.get('/rows/1/places/last'))).toEqual([200, { row: 1, place: 'last' }])
    expect(await problem(app.get('/rows/one/places/2'))).toMatchObject([400, 'input.invalid', [{ path: ['row'] }]])
    expect(await problem(app.get('/books/%zz'))).toEqual([400, 'input.malformed'])
  })

  test('the more specific route wins, though it was declared later', async () => {
    expect(await of(bookApp().get('/books/newest'))).toEqual([200, seen])
  })

  test('a wrong method is 405 with Allow, an unknown path 404', async () => {
    const app = bookApp()
    const response = await app.send('PUT', '/books/b1', {})
    expect(response.headers.get('allow')).toBe('DELETE, GET, HEAD, PATCH, OPTIONS')
    expect(await problem(Promise.resolve(response))).toEqual([405, 'route.method'])
    expect(await problem(app.get('/nowhere'))).toEqual([404, 'route.unknown'])
    expect((await app.send('OPTIONS', '/books')).headers.get('allow')).toBe('GET, HEAD, POST, OPTIONS')
  })

  test('POST without a body is served where none is needed', async () => {
    expect(await of(bookApp().send('POST', '/ping'))).toEqual([204, null])
    expect(await problem(bookApp().send('POST', '/count'))).toMatchObject([400, 'input.invalid', [{ path: ['n'] }]])
  })

  test('a body is counted while it streams', async () => {
    const chunk = new TextEncoder().encode('x'.repeat(1024))
    let sent = 0
    const endless = new ReadableStream({
      pull(controller) {
        sent += chunk.length
        controller.enqueue(chunk)
      },
    })
    const request = new Request('http://localhost/count', {
      method: 'POST',
      body: endless,
      headers: { authorization: 'Bearer ann', 'content-type': 'application/json' },
      duplex: 'half',
    } as RequestInit)
    expect(await problem(bookApp().fetch(request, { address: '' }))).toEqual([413, 'input.too_large'])
    expect(sent).toBeLessThan(100 * 1024)
  })

  test('each procedure has its own limit', async () => {
    const app = bookApp()
    const data = { text: 'x'.repeat(1000) }
    expect((await app.send('POST', '/notes/n1', data)).status).toBe(200)
    expect(await problem(app.send('POST', '/notes/n1', { ...data, more: 'x'.repeat(50) }))).toEqual([
      413,
      'input.too_large',
    ])
    expect(await problem(app.send('POST', '/count', { n: 1, deep: 'x'.repeat(70_000) }))).toEqual([
      413,
      'input.too_large',
    ])
  })

  test('lazy routers are served', async () => {
    const books = createBooks(new Map<string, Entity>([['b1', dune]]))
    let loads = 0
    const router = t.router({
      books: lazy(async () => {
        loads++
        return t.router(books.router._def.record.books)
      }),
    })
    const app = bookApp({ services: [{ ...books, router }] })
    expect(loads).toBe(0)
    expect(await of(app.get('/books/b1'))).toEqual([200, seen])
    expect(await of(app.get('/books/b1'))).toEqual([200, seen])
    expect(loads).toBe(1)
  })

  test('unions, arrays and nested objects are read from a query', async () => {
    const app = bookApp()
    const query = 'pages=12&genre=novel&genre=poetry&filter[title]=a%26b&filter[size][min]=1.5'
    expect(await asked(app, query)).toEqual({
      limit: 50,
      pages: 12,
      genre: ['novel', 'poetry'],
      filter: { title: 'a&b', size: { min: 1.5 } },
    })
    expect(await asked(app, 'pages=many&genre=novel')).toMatchObject({ pages: 'many', genre: ['novel'] })
  })

  test('a subscription is server-sent events, and goes on where it was', async () => {
    const response = await bookApp().get('/ticks?to=3', { 'last-event-id': '1' })
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    expect(await response.text()).toBe('id: 2\ndata: {"tick":2}\n\nid: 3\ndata: {"tick":3}\n\n')
  })

  test('a subscription that is refused is a problem, one that fails later tells one', async () => {
    expect(await problem(bookApp().get('/ticks?to=x'))).toMatchObject([400, 'input.invalid', [{ path: ['to'] }]])
    const events = await (await bookApp().get('/ticks?to=1&fail=true')).text()
    expect(events).toContain('event: error\ndata: {"type":"/docs/errors#book.not_found"')
  })

  test('headers that a procedure sets arrive', async () => {
    expect((await bookApp().send('POST', '/count', { n: 5 })).headers.get('x-counted')).toBe('5')
  })
})

describe('an input over REST', () => {
  test.each([
    ['an unknown query parameter', '/books?nope=1', ['nope']],
    ['a path parameter again in the query', '/books/b1?id=b2', ['id']],
    ['a repeated scalar', '/books?limit=1&limit=2', ['limit']],
    ['an unknown member of an object', '/books?filter[nope]=1', ['filter', 'nope']],
  ])('refuses %s', async (_, path, where) => {
    expect(await problem(bookApp().get(path))).toMatchObject([400, 'input.invalid', [{ path: where }]])
  })

  test('refuses a query where fields come in the body', async () => {
    const answer = bookApp().send('POST', '/count?n=5', {})
    expect(await problem(answer)).toMatchObject([400, 'input.invalid', [{ path: ['n'] }]])
  })

  test('takes other spellings, in query and body, and neither twice', async () => {
    const app = bookApp()
    expect(await asked(app, 'author_id=a1')).toMatchObject({ authorId: 'a1' })
    expect(await of(app.send('POST', '/books', { title: 'A', author_id: 'a1' }))).toMatchObject([
      201,
      { authorId: 'a1' },
    ])
    const twice = { title: 'B', author_id: 'a1', authorId: 'a2' }
    expect(await problem(app.send('POST', '/books', twice))).toMatchObject([
      400,
      'input.invalid',
      [{ path: ['authorId'] }],
    ])
    expect(await of(app.send('POST', '/books', { ...twice, authorId: 'a1' }))).toMatchObject([201, { authorId: 'a1' }])
    const input = { title: 'C', author_id: 'a1' }
    expect((await app.send('POST', '/trpc/books.create', input)).status).toBe(400)
  })

  test('may repeat a path parameter in the body, unchanged', async () => {
    const app = bookApp()
    expect(await of(app.send('PATCH', '/books/b1', { id: 'b1', pages: 1 }))).toMatchObject([200, { pages: 1 }])
    expect(await problem(app.send('PATCH', '/books/b1', { id: 'b2' }))).toMatchObject([
      400,
      'input.invalid',
      [{ path: ['id'] }],
    ])
  })

  test('takes a body that is free JSON, beside path and query', async () => {
    const app = bookApp()
    const data = { key: 'value', deep: [{ n: 1 }], done: 'false' }
    expect(await of(app.send('POST', '/notes/n1?pin=true', data))).toEqual([200, { id: 'n1', pin: true, data }])
    expect(await of(app.send('POST', '/notes/n1/', data))).toEqual([200, { id: 'n1', pin: false, data }])
    expect(await problem(app.send('POST', '/notes/n1', [1]))).toMatchObject([
      400,
      'input.invalid',
      [{ path: ['data'] }],
    ])
    expect(await problem(app.send('POST', '/notes/n1'))).toMatchObject([400, 'input.invalid', [{ path: ['data'] }]])
  })

  test('takes a form, coerced like a query', async () => {
    const app = bookApp()
    const answer = app.send('POST', '/token', 'username=ann&password=secret&seconds=5', {
      ...form,
      authorization: 'Basic Og==',
    })
    expect(await of(answer)).toEqual([200, { access_token: 'ann', token_type: 'Bearer', expires_in: 5 }])
    expect(await problem(app.send('POST', '/token', { username: 'ann', password: 'secret' }))).toEqual([
      415,
      'input.media_type',
    ])
    expect(await problem(app.send('POST', '/token', 'username=ann&password=x', form))).toEqual([401, 'login.wrong'])
  })

  test.each([
    ['application/json', 200],
    ['application/json; charset=utf-8', 200],
    ['Application/JSON;charset="UTF-8"', 200],
    ['application/merge-patch+json', 200],
    ['application/json; charset=latin1', 415],
    ['text/plain', 415],
    ['application/jsonx', 415],
    ['multipart/form-data; boundary=x', 415],
    ['', 415],
  ])('of content type %s is %i', async (type, status) => {
    const answer = bookApp().send('POST', '/count', '{"n":1}', { 'content-type': type })
    expect((await answer).status).toBe(status)
  })

  test('does not take an encoded body', async () => {
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' }
    expect(await problem(bookApp().send('POST', '/count', '{"n":1}', headers))).toEqual([415, 'input.media_type'])
  })

  test.each([
    ['no JSON', '{"n":', 'input.malformed'],
    ['NUL', '{"n":1,"deep":"\\u0000"}', 'input.malformed'],
    ['half a surrogate pair', '{"n":1,"deep":{"\\ud800":1}}', 'input.malformed'],
    ['a tower', `{"n":1,"deep":${'['.repeat(20)}${']'.repeat(20)}}`, 'input.malformed'],
    ['an array', '[1]', 'input.invalid'],
    ['null', 'null', 'input.invalid'],
    ['a number', '5', 'input.invalid'],
    ['__proto__', '{"n":1,"__proto__":{}}', 'input.malformed'],
  ])('refuses a body of %s', async (_, body, code) => {
    const answer = bookApp().send('POST', '/count', body, { 'content-type': 'application/json' })
    expect((await problem(answer)).slice(0, 2)).toEqual([400, code])
  })

  test('refuses bytes that are no UTF-8', async () => {
    const request = new Request('http://localhost/count', {
      method: 'POST',
      body: new Uint8Array([0x22, 0xff, 0x22]),
      headers: { authorization: 'Bearer ann', 'content-type': 'application/json' },
    })
    expect(await problem(bookApp().fetch(request, { address: '' }))).toEqual([400, 'input.malformed'])
  })

  test('refuses NUL in path and query', async () => {
    expect(await problem(bookApp().get('/books/a%00'))).toEqual([400, 'input.malformed'])
    expect(await problem(bookApp().get('/books?authorId=%00'))).toEqual([400, 'input.malformed'])
  })

  test('refuses a body that would be passed over', async () => {
    const headers = { 'content-type': 'application/json', 'content-length': '2' }
    expect(await problem(bookApp().send('DELETE', '/books/b1', '{}', headers))).toEqual([400, 'input.malformed'])
  })
})

describe('an answer over REST', () => {
  test('that made something is 201 with its place', async () => {
    const response = await bookApp().send(
      'POST',
      '/books',
      { title: 'Emma', authorId: 'a2' },
      { 'idempotency-key': 'a b/c' },
    )
    expect(response.status).toBe(201)
    expect(response.headers.get('location')).toBe('/books/n-books.create%3Aann%3Aa%20b%2Fc')
    expect(response.headers.get('etag')).toBe('"1"')
    expect(response.headers.has('consistency-token')).toBe(true)
    expect(await response.json()).toMatchObject({ title: 'Emma', version: 1 })
  })

  test('that is a receipt is 202 with the place of its operation', async () => {
    const headers = { prefer: 'respond-async', 'idempotency-key': 'k' }
    const response = await bookApp().send('POST', '/books', { title: 'Emma', authorId: 'a2' }, headers)
    expect(response.status).toBe(202)
    expect(response.headers.get('location')).toBe('/operations/op-books.create%3Aann%3Ak')
    expect(response.headers.has('etag')).toBe(false)
    expect(await response.json()).toMatchObject({ status: 'accepted' })
  })

  test('to nothing is 204 without a body', async () => {
    const response = await bookApp().send('DELETE', '/books/b1')
    expect([response.status, await response.text(), response.headers.get('content-type')]).toEqual([204, '', null])
  })

  test('has an ETag, and is 304 to whoever knows it', async () => {
    const app = bookApp()
    expect((await app.get('/books/b1')).headers.get('etag')).toBe('"3"')
    const known = await app.get('/books/b1', { 'if-none-match': '"1", W/"3"' })
    expect([known.status, await known.text(), known.headers.get('etag')]).toEqual([304, '', '"3"'])
    expect((await app.get('/books/b1', { 'if-none-match': '"4"' })).status).toBe(200)
    expect((await app.get('/books')).headers.has('etag')).toBe(false)
  })

  test('to If-Match is 412 unless the version is that one', async () => {
    const app = bookApp()
    const change = (match: string) => app.send('PATCH', '/books/b1', { pages: 1 }, { 'if-match': match })
    expect(await problem(change('"2"'))).toEqual([412, 'version.mismatch'])
    expect(await of(change('"3"'))).toMatchObject([200, { version: 4 }])
    expect(await of(change('*'))).toMatchObject([200, { version: 5 }])
    expect(await problem(app.send('DELETE', '/books/b1', undefined, { 'if-match': '"3"' }))).toEqual([
      412,
      'version.mismatch',
    ])
    for (const wrong of ['3', 'W/"3"', '"3", "4"', '"x"'])
      expect(await problem(change(wrong))).toEqual([400, 'version.invalid'])
    expect(await problem(app.get('/books/b1', { 'if-match': '"3"' }))).toEqual([400, 'version.invalid'])
  })

  test('to HEAD is that to GET without its body', async () => {
    const app = bookApp()
    const [get, head] = [await app.get('/books/b1'), await app.send('HEAD', '/books/b1')]
    expect([head.status, await head.text()]).toEqual([200, ''])
    expect(head.headers.get('content-length')).toBe(String((await get.text()).length))
    for (const name of ['etag', 'content-type', 'cache-control'])
      expect(head.headers.get(name)).toBe(get.headers.get(name))
    expect((await app.send('HEAD', '/books/none')).status).toBe(404)
  })

  test('says who may keep it', async () => {
    const app = bookApp()
    expect((await app.get('/books/b1')).headers.get('cache-control')).toBe('private, no-cache')
    expect((await app.get('/books/b1')).headers.get('vary')).toBe('Authorization')
    expect((await app.get('/books/none')).headers.get('cache-control')).toBe('no-store')
    const token = await app.send('POST', '/token', 'username=ann&password=secret', form)
    expect(token.headers.get('cache-control')).toBe('no-store')
  })

  test('that is a problem tells its code, what is particular, and the request', async () => {
    const response = await bookApp().get('/trouble/failure', { 'x-request-id': 'r-1' })
    expect(response.headers.get('x-request-id')).toBe('r-1')
    expect(await response.json()).toEqual({
      type: '/docs/errors#book.title_taken',
      title: 'Another book has this title.',
      status: 409,
      detail: 'It is taken.',
      code: 'book.title_taken',
      requestId: 'r-1',
      by: 'b1',
    })
  })

  test.each(['error', 'text', 'output', 'unknown'])('to trouble of kind %s is 500 and says nothing', async (kind) => {
    const response = await bookApp().get(`/trouble/${kind}`)
    const text = await response.text()
    expect([response.status, JSON.parse(text).code]).toEqual([500, 'internal'])
    expect(text).not.toMatch(/SELECT|stack|\.ts/)
  })

  test('that may be had later says when', async () => {
    const response = await bookApp().get('/trouble/store')
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1'])
  })

  test('to whoever is not known is 401 with a challenge', async () => {
    const app = bookApp()
    const answer = async (authorization: string) => {
      const response = await app.get('/books/b1', { authorization })
      return [(await response.json()).code, response.headers.get('www-authenticate')]
    }
    expect(await answer('')).toEqual(['auth.missing', 'Bearer'])
    expect(await answer('Basic Og==')).toEqual(['auth.missing', 'Bearer'])
    expect(await answer('Bearer expired')).toEqual(['auth.expired', 'Bearer error="invalid_token"'])
    expect(await answer('bearer ???')).toEqual(['auth.invalid', 'Bearer error="invalid_token"'])
  })
})
