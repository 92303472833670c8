import { createTRPCClient, httpBatchLink, httpBatchStreamLink } from '@trpc/client'
import { lazy } from '@trpc/server'
import { describe, expect, test } from 'vitest'
import type { Entity } from '../commands/command.ts'
import { formatToken, parseToken } from '../commands/watermarks/token.ts'
import type { RouterOf } from '../contract/router-type.ts'
import { t } from '../trpc/trpc.ts'
import { bookApp, dune, type TestApp } from './testing/app.testing.ts'
import type { books } from './testing/books.testing.ts'
import { createBooks } from './testing/service.testing.ts'

const input = (value: unknown) => `input=${encodeURIComponent(JSON.stringify(value))}`
const make = { title: 'Emma', authorId: 'a2' }

/** Status and reason of a request that fails as a whole. */
async function failure(answer: Promise<Response>): Promise<[number, string]> {
  const response = await answer
  const { error } = await response.json()
  expect(error.data.httpStatus).toBe(response.status)
  expect(error.data.requestId).toBe(response.headers.get('x-request-id'))
  return [response.status, error.data.reason]
}

function clientOf(app: TestApp, link: typeof httpBatchLink | typeof httpBatchStreamLink = httpBatchLink) {
  const fetch = (url: string | URL | Request, init?: RequestInit) => app.fetch(new Request(url, init), { address: '' })
  const headers = { authorization: 'Bearer ann' }
  return createTRPCClient<RouterOf<'books', typeof books>>({
    links: [link({ url: 'http://localhost/trpc', headers, fetch: fetch as typeof globalThis.fetch })],
  }).books
}

describe('tRPC', () => {
  test('answers a client, alone and in batches', async () => {
    for (const link of [httpBatchLink, httpBatchStreamLink]) {
      const client = clientOf(bookApp(), link)
      expect(await client.byId.query({ id: 'b1' })).toMatchObject({ title: 'Dune' })
      const [list, place] = await Promise.all([client.list.query({}), client.byPlace.query({ row: 1, place: 'last' })])
      expect([list.items.length, place.row]).toEqual([1, 1])
      expect(
        await Promise.allSettled([client.byId.query({ id: 'b1' }), client.byId.query({ id: 'none' })]),
      ).toMatchObject([
        { status: 'fulfilled' },
        { status: 'rejected', reason: { data: { reason: 'book.not_found', id: 'none', httpStatus: 404 } } },
      ])
    }
  })

  test('finds what is loaded late', async () => {
    const service = createBooks(new Map<string, Entity>([['b1', dune]]))
    const router = t.router({ books: lazy(async () => t.router(service.router._def.record.books)) })
    const app = bookApp({ services: [{ ...service, router }] })
    expect((await app.get(`/trpc/books.byId?${input({ id: 'b1' })}`)).status).toBe(200)
  })

  test('does not say what nobody meant for a client', async () => {
    for (const kind of ['error', 'text', 'output', 'unknown', 'trpc', 'store']) {
      const text = await (await bookApp().get(`/trpc/books.trouble?${input({ kind })}`)).text()
      expect(text).not.toMatch(/SELECT|stack|\.ts/)
    }
  })

  test('answers 202 to a change that is only accepted', async () => {
    const response = await bookApp().send('POST', '/trpc/books.create', make, { prefer: 'respond-async' })
    expect([response.status, (await response.json()).result.data.status]).toEqual([202, 'accepted'])
  })

  test('challenges, and says when to come back, in both lanes', async () => {
    for (const directLane of [true, false]) {
      const app = bookApp({ directLane })
      const unknown = await app.get('/trpc/books.newest', { authorization: '' })
      expect([unknown.status, unknown.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
      const away = await app.get(`/trpc/books.trouble?${input({ kind: 'store' })}`)
      expect([away.status, away.headers.get('retry-after')]).toEqual([503, '1'])
    }
  })

  test.each([
    ['PUT', '/trpc/books.byId', 405, 'route.method'],
    ['GET', '/trpc/books.create', 405, 'route.method'],
    ['POST', '/trpc/books.byId', 405, 'route.method'],
    ['GET', '/trpc/books.none', 404, 'route.unknown'],
    ['GET', '/trpc/', 404, 'route.unknown'],
    ['GET', '/trpc/__proto__', 404, 'route.unknown'],
    ['GET', '/trpc/books.%ff', 400, 'input.malformed'],
    ['GET', '/trpc/books.byId?input=%7B', 400, 'input.malformed'],
    ['GET', '/trpc/books.byId?connectionParams=1', 400, 'input.malformed'],
  ])('%s %s is %i %s', async (method, path, status, reason) => {
    const body = method === 'GET' ? undefined : {}
    expect(await failure(bookApp().send(method, path, body))).toEqual([status, reason])
  })

  test('tells the right method', async () => {
    expect((await bookApp().get('/trpc/books.create')).headers.get('allow')).toBe('POST')
    expect((await bookApp().send('OPTIONS', '/trpc/books.create')).headers.get('allow')).toBe('GET, POST, OPTIONS')
    const head = await bookApp().send('HEAD', '/trpc/books.byId', undefined, { authorization: '' })
    expect([head.status, head.headers.get('allow')]).toEqual([405, 'GET, POST, OPTIONS'])
  })

  test.each(['text/plain', '', 'multipart/form-data; boundary=x', 'application/octet-stream'])(
    'takes no body of content type %s',
    async (type) => {
      const answer = bookApp().send('POST', '/trpc/books.count', '{"n":1}', { 'content-type': type })
      expect(await failure(answer)).toEqual([415, 'input.media_type'])
    },
  )

  test.each([
    [{ 'content-encoding': 'gzip' }],
    [{ 'content-type': 'application/json; charset=utf-16' }],
    [{ 'content-type': 'application/json; charset="latin1"' }],
  ])('takes no body with %o, as REST does not', async (headers: Record<string, string>) => {
    for (const directLane of [true, false]) {
      const app = bookApp({ directLane })
      const single = app.send('POST', '/trpc/books.count', { n: 1 }, headers)
      expect(await failure(single)).toEqual([415, 'input.media_type'])
      const batch = app.send('POST', '/trpc/books.count?batch=1', { 0: { n: 1 } }, headers)
      expect(await failure(batch)).toEqual([415, 'input.media_type'])
    }
  })

  test('takes no more than the procedure allows', async () => {
    const data = { text: 'x'.repeat(2000) }
    expect(await failure(bookApp().send('POST', '/trpc/books.note', { id: 'n', data }))).toEqual([
      413,
      'input.too_large',
    ])
    expect((await bookApp().send('POST', '/trpc/books.count', { n: 1, deep: data })).status).toBe(200)
  })
})

describe('a batch', () => {
  test('of several services is refused, whether or not all of them are here', async () => {
    for (const path of ['books.newest,shelves.list', 'books.newest,,books.newest', 'books.newest,x']) {
      expect(await failure(bookApp().get(`/trpc/${path}?batch=1`))).toEqual([400, 'batch.mixed'])
      expect(await failure(bookApp().get(`/trpc/${path.replace(',', '%2C')}?b%61tch=1&x=1`))).toEqual([
        400,
        'batch.mixed',
      ])
    }
  })

  test('has ten calls at most', async () => {
    const calls = (count: number) => Array(count).fill('books.newest').join(',')
    expect((await bookApp().get(`/trpc/${calls(10)}?batch=1`)).status).toBe(200)
    expect(await failure(bookApp().get(`/trpc/${calls(11)}?batch=1`))).toEqual([400, 'batch.too_large'])
  })

  test('of queries and mutations is refused', async () => {
    const answer = bookApp().send('POST', '/trpc/books.create,books.newest?batch=1', { 0: make })
    expect(await failure(answer)).toEqual([400, 'input.malformed'])
  })

  test('with a mutation has no headers that belong to one', async () => {
    const send = (headers: Record<string, string>) =>
      bookApp().send('POST', '/trpc/books.create?batch=1', { 0: make }, headers)
    expect(await failure(send({ 'idempotency-key': 'k' }))).toEqual([400, 'batch.headers'])
    expect(await failure(send({ 'if-match': '"3"' }))).toEqual([400, 'batch.headers'])
    expect(await failure(send({ 'if-none-match': '*' }))).toEqual([400, 'batch.headers'])
    expect((await send({})).status).toBe(200)
    expect((await bookApp().get('/trpc/books.newest?batch=1', { 'idempotency-key': 'k' })).status).toBe(200)
  })

  test('tells what all its calls have seen, in one token', async () => {
    const app = bookApp()
    const calls = { 0: make, 1: { ...make, title: 'Persuasion' } }
    const response = await app.send('POST', '/trpc/books.create,books.create?batch=1', calls)
    expect(parseToken(response.headers.get('consistency-token')!).size).toBe(2)
  })

  test('answers each call on its own, receipts too', async () => {
    const headers = { prefer: 'respond-async', 'consistency-token': formatToken(new Map([[1, 1]])) }
    const calls = { 0: make, 1: { title: '', authorId: 'a' } }
    const response = await bookApp().send('POST', '/trpc/books.create,books.create?batch=1', calls, headers)
    expect(response.status).toBe(207)
    expect(await response.json()).toMatchObject([
      { result: { data: { status: 'accepted' } } },
      { error: { data: { reason: 'input.invalid', issues: [{ path: ['title'] }] } } },
    ])
  })

  test('streams line by line to whoever asks', async () => {
    const path = `/trpc/books.newest,books.byId?batch=1&${input({ 1: { id: 'none' } })}`
    const response = await bookApp().get(path, { 'trpc-accept': 'application/jsonl' })
    const text = await response.text()
    expect(text.split('\n').length).toBeGreaterThan(2)
    expect(text).toContain('book.not_found')
  })
})

describe('a subscription', () => {
  test('is a stream of events, each with its id', async () => {
    const response = await bookApp().get(`/trpc/books.ticks?${input({ to: 2 })}`)
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    expect(response.headers.has('connection')).toBe(false)
    const text = await response.text()
    expect(text.match(/data: {"tick":\d}\nid: \d/g)).toEqual(['data: {"tick":1}\nid: 1', 'data: {"tick":2}\nid: 2'])
  })

  test('goes on where it was', async () => {
    const text = await (await bookApp().get(`/trpc/books.ticks?${input({ to: 2 })}`, { 'last-event-id': '1' })).text()
    expect(text.match(/"tick":\d/g)).toEqual(['"tick":2'])
  })

  test('says in the stream why it is refused', async () => {
    const text = await (await bookApp().get('/trpc/books.ticks', { authorization: '' })).text()
    expect(text).toContain('"reason":"auth.missing"')
  })
})
