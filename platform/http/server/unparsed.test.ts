import { Buffer } from 'node:buffer'
import { EventEmitter } from 'node:events'
import type { Server as HttpServer } from 'node:http'
import { connect } from 'node:net'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { type Served, type Server, serve } from '../server.ts'
import { bookApp } from '../testing/app.testing.ts'
import { createLines } from '../testing/context.testing.ts'
import { deno } from './deno.ts'
import { answerUnparsed } from './unparsed.ts'

const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

async function started(app?: Served) {
  const { lines, logger } = createLines()
  const server = await serve(app ?? bookApp({ logger }), { host: '127.0.0.1', port: 0, logger, drainMs: 25_000 })
  servers.push(server)
  return { lines, ...socketTo(server) }
}

/** A connection of which everything is seen, until the other side ends it. */
function socketTo({ url }: Server) {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  let seen = ''
  socket.setEncoding('utf8').on('data', (part) => {
    seen += part
  })
  const ended = new Promise<string>((resolve) => {
    socket.once('end', () => resolve(seen))
    socket.once('error', () => resolve(seen)).once('close', () => resolve(seen))
  })
  return { socket, ended, got: () => seen }
}

/** An answer, taken apart; exactly one is expected. */
function parsed(answer: string) {
  const [head = '', body = ''] = answer.split('\r\n\r\n')
  const [line = '', ...fields] = head.split('\r\n')
  const headers = new Headers(fields.map((field) => field.split(': ', 2) as [string, string]))
  expect(headers.get('content-length')).toBe(String(Buffer.byteLength(body)))
  return { status: Number(line.split(' ')[1]), headers, body: JSON.parse(body) }
}

const get = (...lines: string[]) => ['GET /books/b1 HTTP/1.1', ...lines, '', ''].join('\r\n')
const post = (...lines: string[]) => ['POST /count HTTP/1.1', 'Host: x', ...lines].join('\r\n')
const json = 'Content-Type: application/json'

/** Deno's own server answers these, without a word and out of reach. */
describe.skipIf(deno)('what is no request', () => {
  test.each([
    ['nonsense', 'nonsense\r\n\r\n', 400, 'input.malformed'],
    ['a method that there is not', get('Host: x').replace('GET', 'FETCH'), 400, 'input.malformed'],
    ['a URL that is not ASCII', get('Host: x').replace('/b1', '/bücher'), 400, 'input.malformed'],
    ['a backslash in a URL', get('Host: x').replace('/b1', '\\b1'), 400, 'input.malformed'],
    ['no host', get(), 400, 'input.malformed'],
    ['a host that is none', get('Host: a b'), 400, 'input.malformed'],
    ['a length and chunks', post('Content-Length: 5', 'Transfer-Encoding: chunked', '', ''), 400, 'input.malformed'],
    ['a length that is none', post('Content-Length: x', '', ''), 400, 'input.malformed'],
    ['a body in broken chunks', post(json, 'Transfer-Encoding: chunked', '', 'x', ''), 400, 'input.malformed'],
    ['a URL of 40 KiB', get('Host: x').replace('/b1', `/${'x'.repeat(40_960)}`), 431, 'input.too_large'],
    ['a header of 40 KiB', get('Host: x', `X: ${'x'.repeat(40_960)}`), 431, 'input.too_large'],
    ['a header without end', `GET / HTTP/1.1\r\nX: ${'x'.repeat(1024 * 1024)}`, 431, 'input.too_large'],
    [
      'too much said of a chunk',
      post('Transfer-Encoding: chunked', '', `1;${'x'.repeat(20_000)}`),
      413,
      'input.too_large',
    ],
  ])('is a problem like any other: %s', async (_, sent, status, code) => {
    const { socket, ended, lines } = await started()
    socket.write(sent)
    if (/^GET .*\r\n\r\n$/s.test(sent)) socket.end()
    const { headers, body, ...answer } = parsed(await ended)
    expect(answer.status).toBe(status)
    expect(body).toMatchObject({ status, code, type: `/docs/errors#${code}`, title: expect.any(String) })
    expect(headers.get('content-type')).toBe('application/problem+json')
    expect(headers.get('x-request-id')).toBe(body.requestId)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(lines).toContainEqual(expect.objectContaining({ requestId: body.requestId, status, msg: 'request' }))
  })

  test('is answered once, and its connection ends, however much more comes', async () => {
    const { socket, ended, lines, got } = await started()
    socket.write('nonsense\r\n\r\n')
    await vi.waitFor(() => expect(got()).toContain('input.malformed'))
    for (const _ of [1, 2, 3]) socket.write(get('Host: x'))
    expect(parsed(await ended).status).toBe(400)
    expect(lines).toHaveLength(1)
  })

  test('says nothing where an answer is on its way', async () => {
    const { socket, ended, got } = await started()
    socket.write(get('Host: x', 'Authorization: Bearer ann').replace('/books/b1', '/ticks?to=1&hold=true'))
    await vi.waitFor(() => expect(got()).toContain('"tick":1'))
    socket.write('nonsense\r\n\r\n')
    expect(await ended).not.toContain('input.malformed')
  })

  test('takes nothing from a request before it, whose answer is still to come', async () => {
    let asked = 0
    const fetch = () => {
      asked++
      return new Promise<Response>(() => undefined)
    }
    const { socket, ended } = await started({ ...bookApp(), fetch })
    socket.write(get('Host: x'))
    await vi.waitFor(() => expect(asked).toBe(1))
    socket.write('nonsense\r\n\r\n')
    expect(await ended).toBe('')
  })

  test('is answered in place of a request that it is the body of', async () => {
    let asked = 0
    let release = (): void => undefined
    const body = new ReadableStream({
      start(controller) {
        release = () => controller.close()
      },
    })
    const fetch = async () => {
      asked++
      return new Response('of the request')
    }
    const { socket, ended } = await started({ ...bookApp(), fetch, unreadable: () => new Response(body) })
    socket.write(post(json, 'Transfer-Encoding: chunked', '', 'x', ''))
    await vi.waitFor(() => expect(asked).toBe(1))
    for (const _ of [1, 2, 3]) await new Promise(setImmediate) // the request's own would be out by now
    release()
    const all = await ended
    expect([all.split('HTTP/1.1').length, all.includes('of the request')]).toEqual([2, false])
  })

  test('does not keep a server from stopping', async () => {
    const { socket, ended } = await started()
    socket.write('nonsense\r\n\r\n')
    await ended
    await servers[0]!.drain()
  })
})

test('one answer is enough, however often the parser complains', async () => {
  const server = new EventEmitter()
  const socket = new PassThrough()
  answerUnparsed(server as HttpServer, new Set(), bookApp().unreadable)
  for (const _ of [1, 2, 3]) server.emit('clientError', new Error('Parse Error'), socket)
  expect(parsed(await text(socket)).status).toBe(400)
})

test('HTTP/1.0 needs no host', async () => {
  const { socket, ended } = await started()
  socket.write('GET /livez HTTP/1.0\r\n\r\n')
  expect(await ended).toMatch(/^HTTP\/1\.[01] 200/)
})
