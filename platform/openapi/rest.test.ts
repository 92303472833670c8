import { lazy } from '@trpc/server'
import { describe, expect, test, vi } from 'vitest'
import type { Entity } from '../commands/command.ts'
import { answerOf, problem } from '../http/testing/answers.testing.ts'
import { bookApp, dune, type TestApp } from '../http/testing/app.testing.ts'
import { createBooks } from '../http/testing/service.testing.ts'
import { t } from '../trpc/trpc.ts'

const seen = { id: 'b1', version: 3, title: 'Dune', pages: 412, authorId: 'a1' }
const asked = async (app: TestApp, query: string) =>
  ((await answerOf(app.get(`/books?${query}`)))[1] as { asked: unknown }).asked

describe('what other adapters get wrong', () => {
  test('?done=false is false, and ?done=maybe is refused', async () => {
    const app = bookApp()
    expect(await asked(app, 'done=false')).toMatchObject({ done: false })
    expect(await asked(app, 'done=true')).toMatchObject({ done: true })
    expect(await problem(app.get('/books?done=maybe'))).toMatchObject([400, 'input.invalid', [{ path: ['done'] }]])
  })

  test('a JSON body is not coerced', async () => {
    const app = bookApp()
    expect(await answerOf(app.send('POST', '/count', { n: 5 }))).toEqual([200, { n: 5 }])
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
    expect(await answerOf(app.get('/books/john%20doe%2F%D1%91'))).toMatchObject([200, { id: 'john doe/ё' }])
    expect(await answerOf(app.get('/rows/1/places/2'))).toEqual([200, { row: 1, place: 2 }])
    expect(await answerOf(app.get('/rows/1/places/last'))).toEqual([200, { row: 1, place: 'last' }])
    expect(await problem(app.get('/rows/one/places/2'))).toMatchObject([400, 'input.invalid', [{ path: ['row'] }]])
    expect(await problem(app.get('/books/%zz'))).toEqual([400, 'input.malformed'])
  })

  test('the more specific route wins, though it was declared later', async () => {
    expect(await answerOf(bookApp().get('/books/newest'))).toEqual([200, seen])
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
    expect(await answerOf(bookApp().send('POST', '/ping'))).toEqual([204, null])
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

  test('a body that says it is too large is not read', async () => {
    const pull = vi.fn()
    const request = new Request('http://localhost/count', {
      method: 'POST',
      body: new ReadableStream({ pull }, { highWaterMark: 0 }),
      headers: { authorization: 'Bearer ann', 'content-type': 'application/json', 'content-length': '70000' },
      duplex: 'half',
    } as RequestInit)
    expect(await problem(bookApp().fetch(request, { address: '' }))).toEqual([413, 'input.too_large'])
    expect(pull).not.toHaveBeenCalled()
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

  test('the routes are built once', async () => {
    const service = createBooks(new Map<string, Entity>([['b1', dune]]))
    let reads = 0
    const watched = <T extends object>(read: T): T =>
      new Proxy(read, {
        get(target, name, receiver) {
          if (name === 'rest') reads++
          return Reflect.get(target, name, receiver)
        },
      })
    const contract = Object.fromEntries(Object.entries(service.contract).map(([name, spec]) => [name, watched(spec)]))
    const app = bookApp({ services: [{ ...service, contract }] })
    const built = reads
    expect(built).toBeGreaterThanOrEqual(Object.keys(contract).length)
    for (const path of ['/books/b1', '/books/b1', '/books', '/nowhere']) await app.get(path)
    await app.send('POST', '/count', { n: 1 })
    expect(reads).toBe(built)
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
    expect(await answerOf(app.get('/books/b1'))).toEqual([200, seen])
    expect(await answerOf(app.get('/books/b1'))).toEqual([200, seen])
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
