import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import pino from 'pino'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { standStill } from '../standstill.testing.ts'
import { deno } from './server/deno.ts'
import { type Served, type Server, serve } from './server.ts'
import { bookApp } from './testing/app.testing.ts'

const logger = pino({ enabled: false })
const servers: Server[] = []
const agents: Agent[] = []

async function started(app: Served, port = 0): Promise<Server> {
  const server = await serve(app, { host: '127.0.0.1', port, logger, drainMs: 25_000 })
  servers.push(server)
  return server
}

afterEach(async () => {
  for (const agent of agents.splice(0)) agent.destroy()
  for (const server of servers.splice(0)) await server.close()
})

/** An application whose answers wait to be let go. */
function held() {
  const waiting: (() => void)[] = []
  const fetch = () =>
    new Promise<Response>((resolve) => {
      waiting.push(() => resolve(new Response('done')))
    })
  return { waiting, app: { ...bookApp(), fetch } satisfies Served }
}

interface Got {
  status: number
  text: string
  connection: string | undefined
}

function get(url: string, agent: Agent): Promise<Got> {
  return new Promise((resolve, reject) => {
    request(url, { agent }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (part) => {
        text += part
      })
      response.on('end', () => resolve({ status: response.statusCode!, text, connection: response.headers.connection }))
    })
      .on('error', reject)
      .end()
  })
}

function keepAlive(): Agent {
  const agent = new Agent({ keepAlive: true })
  agents.push(agent)
  return agent
}

/** What comes back for bytes, until the other side closes. */
function raw(url: string, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname, () => socket.write(text))
    let answer = ''
    socket.on('data', (part) => {
      answer += part
    })
    socket.on('close', () => resolve(answer))
    socket.on('error', reject)
  })
}

describe('a server', () => {
  test('serves over HTTP, from its url, and knows the address of its clients', async () => {
    const seen: string[] = []
    const app = bookApp()
    const { url } = await started({
      ...app,
      fetch: (request, connection) => {
        seen.push(connection.address)
        return app.fetch(request, connection)
      },
    })
    const response = await fetch(`${url}/books/b1`, { headers: { authorization: 'Bearer ann' } })
    expect([response.status, (await response.json()).title]).toEqual([200, 'Dune'])
    expect(seen).toEqual(['127.0.0.1'])
  })

  test('sends bodies, large and streamed', async () => {
    const { url } = await started(bookApp())
    const headers = { authorization: 'Bearer ann', 'content-type': 'application/json' }
    const post = (body: BodyInit) =>
      fetch(`${url}/count`, { method: 'POST', headers, body, duplex: 'half' } as RequestInit)
    expect(await (await post('{"n":5}')).json()).toEqual({ n: 5 })
    expect((await post(JSON.stringify({ n: 1, deep: 'x'.repeat(100_000) }))).status).toBe(413)
    expect((await post(new Blob(['{"n":', '6}']).stream())).status).toBe(200)
    expect((await post(new Blob(['{"n":1,"deep":"', 'x'.repeat(100_000), '"}']).stream())).status).toBe(413)
  })

  test('streams events as they come, and sees its reader leave', async () => {
    const { url } = await started(bookApp({ limits: { streams: 1 } }))
    const read = () => fetch(`${url}/ticks?to=1&hold=true`, { headers: { authorization: 'Bearer ann' } })
    const first = await read()
    const reader = first.body!.getReader()
    expect(new TextDecoder().decode((await reader.read()).value)).toContain('data: {"tick":1}')
    await reader.cancel()
    await vi.waitFor(async () => {
      const again = await read()
      await again.body?.cancel()
      expect(again.status).toBe(200)
    })
  })

  test('answers HEAD with what GET would have', async () => {
    const { url } = await started(bookApp())
    const response = await fetch(`${url}/books/b1`, { method: 'HEAD', headers: { authorization: 'Bearer ann' } })
    expect([response.status, response.headers.get('etag'), response.headers.get('content-length')]).toEqual([
      200,
      '"3-b1"',
      '66',
    ])
  })

  test.skipIf(deno)('takes as many headers as fit', async () => {
    const app = { ...bookApp(), fetch: async ({ headers }: Request) => new Response(headers.get('last')) }
    const { url } = await started(app)
    const many = Object.fromEntries(Array.from({ length: 2500 }, (_, nth) => [`a${nth}`, 'b']))
    const answer = await fetch(url, { headers: { ...many, last: 'seen' } })
    expect([answer.status, await answer.text()]).toEqual([200, 'seen'])
  })

  test('says 400 to what is no request', async () => {
    const { url } = await started(bookApp())
    expect(await raw(url, 'nonsense\r\n\r\n')).toMatch(/^HTTP\/1.1 400/)
    expect(await raw(url, 'GET /a\\b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')).toMatch(/^HTTP\/1.1 40[04]/)
    expect(await raw(url, 'GET /livez HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.[01] 200/)
  })

  test('whose port is in use says so, and what to do', async () => {
    const { url } = await started(bookApp())
    const port = Number(new URL(url).port)
    await expect(started(bookApp(), port)).rejects.toThrow(
      `Port ${port} is in use: stop what listens there, or set PORT to another one.`,
    )
  })

  test('whose address is not of this machine says so', async () => {
    await expect(serve(bookApp(), { host: '203.0.113.1', port: 0, logger, drainMs: 0 })).rejects.toThrow(
      'has no address 203.0.113.1',
    )
  })

  test('that is closed cuts off what is under way', async () => {
    const { app, waiting } = held()
    const server = await started(app)
    const answer = get(server.url, keepAlive()).catch((error: NodeJS.ErrnoException) => error.code)
    await vi.waitFor(() => expect(waiting).toHaveLength(1))
    await server.close()
    await server.close()
    expect(await answer).toBe('ECONNRESET')
  })
})

describe('a graceful stop', () => {
  test('answers what is under way, and takes no new connections', async () => {
    const { app, waiting } = held()
    const server = await started(app)
    const answer = get(server.url, keepAlive())
    await vi.waitFor(() => expect(waiting).toHaveLength(1))
    let drained = false
    const draining = server.drain().then(() => {
      drained = true
    })
    await expect(get(server.url, keepAlive())).rejects.toThrow('connect ECONN')
    expect(drained).toBe(false)
    waiting[0]!()
    expect(await answer).toMatchObject({ status: 200, text: 'done', ...(!deno && { connection: 'close' }) })
    await draining
    await server.drain()
  })

  test.runIf(!deno)('answers what still comes on an open connection, which is the last', async () => {
    const server = await started(bookApp())
    const agent = keepAlive()
    expect(await get(`${server.url}/livez`, agent)).toMatchObject({ status: 200, connection: 'keep-alive' })
    const draining = server.drain()
    expect(await get(`${server.url}/livez`, agent)).toMatchObject({ status: 200, connection: 'close' })
    await draining
  })

  test.runIf(!deno)('answers what came while the process stood still', async () => {
    const server = await started(bookApp())
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
    let got = ''
    socket.setEncoding('utf8').on('data', (part) => {
      got += part
    })
    const ask = () => socket.write('GET /livez HTTP/1.1\r\nHost: x\r\n\r\n')
    ask()
    await vi.waitFor(() => expect(got).toMatch(/^HTTP\/1.1 200/))
    got = ''
    const ended = once(socket, 'close')
    await new Promise(setImmediate) // timers are next
    const draining = server.drain()
    ask() // it is there at once, and unread
    standStill(500)
    await ended
    expect(got).toMatch(/^HTTP\/1.1 200/)
    await draining
  })

  test('does not wait for connections that are quiet', async () => {
    const server = await started(bookApp())
    await get(`${server.url}/livez`, keepAlive())
    await server.drain()
  })

  test('ends streams', async () => {
    const server = await started(bookApp())
    const response = await fetch(`${server.url}/ticks?to=1&hold=true`, { headers: { authorization: 'Bearer ann' } })
    const reader = response.body!.getReader()
    await reader.read()
    await server.drain()
    expect((await reader.read()).done).toBe(true)
  })

  test('loses no request of clients that go on until they are turned away', async () => {
    const server = await started(bookApp())
    const lost: unknown[] = []
    let answered = 0
    const client = async () => {
      const agent = keepAlive()
      for (;;) {
        const got = await get(`${server.url}/livez`, agent).catch((error: NodeJS.ErrnoException) => error)
        if (got instanceof Error) return /connect ECONN/.test(got.message) || lost.push(got)
        if (got.status !== 200) lost.push(got)
        answered++
      }
    }
    const clients = [1, 2, 3, 4, 5].map(client)
    await vi.waitFor(() => expect(answered).toBeGreaterThan(50))
    await server.drain()
    await Promise.all(clients)
    expect(lost).toEqual([])
  })
})
