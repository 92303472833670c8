import { connect } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { startGateway } from '../containers/gateway.ts'
import { type Network, openNetwork } from '../containers/network.ts'
import type { Program } from '../system/program.ts'
import { type Answer, createUpstreams, type Upstreams } from './upstreams.ts'

// What becomes of a request where one of two instances does not answer it.
let network: Network
let gateway: Program
let upstreams: Upstreams
/** Has one instance, of documents, which never answers. It is asked in the background: the gateway waits for half a minute. */
let hanging: Upstreams
let late: Promise<Response>[]

beforeAll(async () => {
  network = await openNetwork()
  gateway = await startGateway(network)
  upstreams = createUpstreams(network)
  hanging = createUpstreams(network)
  await hanging.open('documents', () => undefined)
  late = ['/mongo', '/trpc/documents.create'].map((path) => post(path, 'change'))
})

// The gateway keeps what it was told of a name for a second.
afterEach(async () => {
  await upstreams.close()
  await vi.waitFor(async () => expect(await statusOf('/nobody', 1000)).toBe('late'), { timeout: 10_000, interval: 100 })
})

afterAll(async () => {
  await gateway.end('SIGTERM')
  await network.close()
})

const post = (path: string, body: string): Promise<Response> => fetch(gateway.url + path, { method: 'POST', body })

async function statusOf(path: string, ms: number): Promise<number | 'late'> {
  const answer = fetch(gateway.url + path, { signal: AbortSignal.timeout(ms) })
  return answer.then(({ status }) => status).catch(() => 'late')
}

const ELSEWHERE: Answer = (response) => response.writeHead(421).end()
/** As when a process is killed in the middle of it. */
const DIES: Answer = (response) => response.socket!.resetAndDestroy()
/** As long as the gateway does not ask one that sent a request elsewhere, or broke it off. */
const LEFT_ALONE_MS = 3000

const bodies = Array.from({ length: 200 }, (_, nth) => `${nth} `.repeat(1 + (nth % 50) * 40))

describe('of two instances', () => {
  test('both are asked', async () => {
    const both = [await upstreams.open('users'), await upstreams.open('users')]
    await vi.waitFor(async () => {
      await Promise.all(bodies.slice(0, 10).map((body) => post('/users', body)))
      expect(both.every(({ received }) => received.length > 0)).toBe(true)
    })
  })

  test('one that does not listen costs no request, and none its body', async () => {
    upstreams.nobody('users')
    const other = await upstreams.open('users')
    const answers = await Promise.all(bodies.map((body) => post('/users', body)))
    expect(answers.map(({ status }) => status)).toEqual(bodies.map(() => 200))
    expect(other.received.map(({ body }) => body).sort()).toEqual([...bodies].sort())
  })

  test('one that sends requests elsewhere costs none either, and is then left alone', async () => {
    let refusedAt = 0
    const leaving = await upstreams.open('users', (...asked) => {
      refusedAt = performance.now()
      ELSEWHERE(...asked)
    })
    const other = await upstreams.open('users')
    const statuses = async (bodies: readonly string[]) =>
      (await Promise.all(bodies.map((body) => post('/users', body)))).map(({ status }) => status)
    expect(await statuses(bodies)).toEqual(bodies.map(() => 200))
    expect(other.received.map(({ body }) => body).sort()).toEqual([...bodies].sort())
    expect(leaving.received.length).toBeGreaterThan(0)

    const few = bodies.slice(0, 20)
    // A round that ends after that time says nothing, and is followed by another one.
    const askedMeanwhile = await vi.waitFor(
      async () => {
        const [before, from] = [leaving.received.length, refusedAt]
        expect(await statuses(few)).toEqual(few.map(() => 200))
        expect(performance.now() - from).toBeLessThan(LEFT_ALONE_MS)
        return leaving.received.length - before
      },
      { timeout: 40_000 },
    )
    expect(askedMeanwhile).toBe(0)
  })

  test('one that dies with a change loses it, once, and says so', async () => {
    const both = [await upstreams.open('users', DIES), await upstreams.open('users', DIES)]
    const answer = await post('/users', 'change')
    expect([answer.status, answer.headers.get('content-type')]).toEqual([502, 'application/problem+json'])
    expect(await answer.json()).toMatchObject({ code: 'gateway.lost', requestId: answer.headers.get('x-request-id') })
    expect(both.flatMap(({ received }) => received)).toHaveLength(1)
  })

  test('a change that was sent elsewhere and then lost is not sent a third time', async () => {
    let asked = 0
    const whoever: Answer = (...request) => (asked++ === 0 ? ELSEWHERE : DIES)(...request)
    const both = [await upstreams.open('users', whoever), await upstreams.open('users', whoever)]
    const answer = await post('/trpc/users.create', 'change')
    expect(answer.status).toBe(502)
    expect(await answer.json()).toMatchObject({ error: { data: { httpStatus: 502, reason: 'gateway.lost' } } })
    expect(both.map(({ received }) => received.length)).toEqual([1, 1])
  })

  test('one that dies with a question leaves it to the other', async () => {
    await upstreams.open('users', DIES)
    await upstreams.open('users')
    const answers = await Promise.all(bodies.slice(0, 20).map(() => fetch(`${gateway.url}/users`)))
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
  })
})

/** Sends bytes as they are. Resolves to the status line, or to `cut off`. */
function send(bytes: string): Promise<string> {
  const { hostname, port } = new URL(gateway.url)
  return new Promise((done) => {
    const socket = connect(Number(port), hostname, () => socket.write(bytes))
    socket.once('data', (chunk) => {
      done(chunk.toString().split('\r\n', 1)[0] ?? '')
      socket.destroy()
    })
    socket.once('error', () => done('cut off'))
  })
}

// An instance that breaks off is left alone for seconds: no stranger may bring that about.
describe('a request that is broken costs nobody else', () => {
  const head = (line: string, ...fields: string[]) => [`${line} HTTP/1.1`, 'Host: x', ...fields, '', ''].join('\r\n')
  const chunked = head('POST /users', 'Transfer-Encoding: chunked')
  const chunk = (size: number) => `${size.toString(16)}\r\n${'x'.repeat(size)}\r\n`

  test.each([
    ['CONNECT', head('CONNECT /users'), '400 Bad Request'],
    ['a chunk without a length', `${chunked}${chunk(5)}zz\r\n`, '200 OK'],
    ['chunks without an end', chunked + chunk(64 * 1024).repeat(12), '413 Request Entity Too Large'],
    ['a length that is none', head('POST /users', 'Content-Length: five'), '400 Bad Request'],
    ['an upgrade', head('GET /users', 'Connection: Upgrade', 'Upgrade: websocket'), '200 OK'],
  ])('%s', async (_, bytes, expected) => {
    await upstreams.open('users')
    await vi.waitFor(async () => expect(await statusOf('/users', 1000)).toBe(200), { timeout: 20_000 })
    // If the instance were left alone, no round would be answered as soon as that.
    await vi.waitFor(
      async () => {
        expect(await send(bytes)).toBe(`HTTP/1.1 ${expected}`)
        expect(await statusOf('/users', LEFT_ALONE_MS - 1000)).toBe(200)
      },
      { timeout: 30_000 },
    )
  })

  test('a body that its sender would not have kept is kept for another instance', async () => {
    await upstreams.open('users', ELSEWHERE)
    const other = await upstreams.open('users')
    const incremental = (body: string) =>
      fetch(`${gateway.url}/users`, { method: 'POST', body, headers: { incremental: '?1' } })
    const answers = await Promise.all(bodies.map(incremental))
    expect(answers.map(({ status }) => status)).toEqual(bodies.map(() => 200))
    expect(other.received.map(({ body }) => body).sort()).toEqual([...bodies].sort())
  })
})

test('one that does not answer in time may have done it or not, and the gateway says so', async () => {
  const [problem, error] = await Promise.all(late)
  await hanging.close()
  expect([problem?.status, error?.status]).toEqual([504, 504])
  expect(await problem?.json()).toMatchObject({ status: 504, code: 'gateway.timeout' })
  expect(await error?.json()).toMatchObject({ error: { data: { httpStatus: 504, reason: 'gateway.timeout' } } })
})

test('where nobody is left the gateway says so in the words of the face, and when to try again', async () => {
  upstreams.nobody('tasks')
  await upstreams.open('projects', ELSEWHERE)
  const [tasks, projects, documents] = await Promise.all([
    post('/tasks', '{}'),
    post('/trpc/projects.create', '{}'),
    fetch(`${gateway.url}/mongo`),
  ])
  for (const answer of [tasks, projects, documents]) {
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1'])
  }
  const problem = { status: 503, code: 'gateway.unavailable', requestId: tasks.headers.get('x-request-id') }
  expect(await tasks.json()).toMatchObject(problem)
  expect(await documents.json()).toMatchObject({ code: 'gateway.unavailable' })
  expect(await projects.json()).toMatchObject({
    error: { data: { code: 'SERVICE_UNAVAILABLE', httpStatus: 503, reason: 'gateway.unavailable', retryAfter: 1 } },
  })
})
