import { describe, expect, test } from 'vitest'
import { FORM } from './testing/answers.testing.ts'
import { bookApp } from './testing/app.testing.ts'
import { createLines } from './testing/context.testing.ts'

describe('the log', () => {
  test('has one line for each request, which names the procedure and no secret', async () => {
    const { lines, logger } = createLines()
    const app = bookApp({ logger })
    await app.get('/books/b1?x=secret', { 'x-request-id': 'r1' })
    await app.get('/trpc/books.newest,books.newest?batch=1')
    await app.send('POST', '/token', 'username=ann&password=secret', FORM)
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

  test('names the trace of each request, on every line: the one that it came with, or one of its own', async () => {
    const { lines, logger } = createLines()
    const app = bookApp({ logger })
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
    const answer = await app.get('/trouble/error', { traceparent: `00-${traceId}-00f067aa0ba902b7-01` })
    const other = await app.get('/books/b1', { traceparent: `00-${traceId}-0000000000000000-01` })
    expect(lines).toMatchObject([{ level: 50, traceId }, { status: 500, traceId }, { status: 200 }])
    expect(answer.headers.get('traceresponse')).toBe(`00-${traceId}-${lines[1]?.spanId}-01`)
    expect(lines[2]?.traceId).not.toBe(traceId)
    expect(other.headers.get('traceresponse')).toBe(`00-${lines[2]?.traceId}-${lines[2]?.spanId}-00`)
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
  const app = bookApp()
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
