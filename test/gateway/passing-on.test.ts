import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest'
import type { Procedure } from '../../platform/contract/contract.ts'
import { methodOf, templateOf } from '../../platform/openapi/places.ts'
import { contracts, serviceNames } from '../../services/catalog.ts'
import { root } from '../architecture/sources.ts'
import { startGateway } from '../containers/gateway.ts'
import { type Network, openNetwork } from '../containers/network.ts'
import type { Program } from '../system/program.ts'
import { askAsIs, lookalikes, spellings } from './spellings.ts'
import { createUpstreams, type Upstream, type Upstreams } from './upstreams.ts'

// The Caddyfile as it is, before instances that tell what they got.
let network: Network
let gateway: Program
let upstreams: Upstreams
let users: Upstream

beforeAll(async () => {
  network = await openNetwork()
  upstreams = createUpstreams(network)
  users = await upstreams.open('users', (response, { url }) => {
    if (url === '/stream') {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('data: 1\n\n')
    } else response.end('users')
  })
  for (const name of serviceNames.filter((service) => service !== 'users')) await upstreams.open(name)
  gateway = await startGateway(network)
})

afterAll(async () => {
  await upstreams.close()
  await gateway.end('SIGTERM')
  await network.close()
})

const ask = (path: string, init?: RequestInit): Promise<Response> =>
  fetch(gateway.url + path, { redirect: 'manual', ...init })
const whoAnswers = async (path: string, method = 'GET'): Promise<string> => (await ask(path, { method })).text()

const caddy = (...args: string[]): string =>
  execFileSync(inject('caddy'), args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })

test('the Caddyfile is one that Caddy takes, in the form that Caddy gives it', () => {
  expect(caddy('validate', '--config', 'Caddyfile')).toContain('Valid configuration')
  expect(() => caddy('fmt', join(root, 'Caddyfile'))).not.toThrow() // it fails where it would change something
})

test('instances are asked for by names that are whole, and reached through no proxy of the environment', () => {
  const config = caddy('adapt', '--config', 'Caddyfile')
  const names = [...config.matchAll(/"dynamic_upstreams":\{"name":"([^"]*)"/g)].map(([, name]) => name)
  expect(names.sort()).toEqual(serviceNames.map((name) => `${name}.`).sort())
  expect([...config.matchAll(/"network_proxy":\{"from":"none"\}/g)]).toHaveLength(names.length)
})

test('the log has a request by its id, and neither what was searched for nor any header', async () => {
  await ask('/users?q=hidden-name', { headers: { 'x-request-id': 'to-be-found', 'x-own': 'hidden-header' } })
  const lines = () => gateway.said().split('\n')
  const line = await vi.waitFor(() => lines().find((one) => one.includes('to-be-found')) ?? expect.fail('not logged'))
  expect(JSON.parse(line)).toMatchObject({ request_id: 'to-be-found', status: 200, request: { uri: '/users' } })
  expect(gateway.said()).not.toContain('hidden')
})

describe('a request goes to the service whose it is', () => {
  const procedures = Object.entries<Record<string, Procedure>>(contracts).flatMap(([service, contract]) =>
    Object.entries(contract).map(([name, spec]) => ({ service, name, spec })),
  )
  const ownerOf = (service: string) => (service === 'operations' ? 'users' : service)

  test.each(procedures)('$service.$name', async ({ service, name, spec }) => {
    expect(await whoAnswers(`/trpc/${service}.${name}`, spec.kind === 'mutation' ? 'POST' : 'GET')).toBe(
      ownerOf(service),
    )
    if (!spec.rest) return
    const path = templateOf(spec.rest).replace(/\{\w+\}/g, 'x')
    expect(await whoAnswers(path, methodOf(spec.rest))).toBe(ownerOf(service))
    expect(await whoAnswers(`${path}/?q=1`, methodOf(spec.rest))).toBe(ownerOf(service))
  })

  test.each([
    '/',
    '/docs',
    '/docs/errors',
    '/openapi.json',
    '/.well-known/jwks.json',
    '/nothing',
    '/tasksy',
    '/trpc/nothing',
  ])('%s is answered by users', async (path) => {
    expect(await whoAnswers(path)).toBe('users')
  })

  test('a batch is never split: who gets a mixed one refuses it', async () => {
    expect(await whoAnswers('/trpc/tasks.mine,users.me?batch=1')).toBe('tasks')
  })
})

describe('what is inside stays inside', () => {
  test.each(['/readyz', '/metrics'].flatMap(spellings))('%s is not found', async (path) => {
    const { status, type, body } = await askAsIs(gateway.url, path)
    expect([status, type]).toEqual([404, 'application/problem+json'])
    expect(JSON.parse(body)).toMatchObject({ status: 404, code: 'route.unknown', requestId: expect.any(String) })
  })

  // These are sent on, in a form that a service does not take for what is inside either: test/containers/one.test.ts.
  test.each(lookalikes('/metrics'))('%s is not one of them', async (path) => {
    expect(await askAsIs(gateway.url, path)).toMatchObject({ status: 200, body: 'users' })
    expect(users.received.at(-1)!.url).not.toMatch(/[\\#]|^\/metrics\/?$/)
  })

  test('/livez is the gateway itself', async () => {
    for (const path of ['/livez', '/livez/']) expect(await (await ask(path)).json()).toEqual({ status: 'alive' })
    expect(users.received.filter(({ url }) => url.startsWith('/livez'))).toEqual([])
  })

  test('there is no port for administration', () => {
    const config = JSON.parse(caddy('adapt', '--config', 'Caddyfile'))
    expect(config.admin).toEqual({ disabled: true, config: { persist: false } })
  })
})

describe('a request is passed on', () => {
  const passedOn = async (headers: Record<string, string>) => {
    await ask('/users', { headers })
    return users.received.at(-1)!.headers
  }

  test("with its client's address, whatever it says of others", async () => {
    expect(await passedOn({ 'x-forwarded-for': '203.0.113.7' })).toMatchObject({
      'x-forwarded-for': expect.stringMatching(/^127\.[\d.]+$/),
    })
  })

  test('with the id that it has, or one that it gets', async () => {
    expect(await passedOn({ 'x-request-id': 'mine.1' })).toMatchObject({ 'x-request-id': 'mine.1' })
    expect(await passedOn({})).toMatchObject({ 'x-request-id': expect.stringMatching(/^[\da-f-]{36}$/) })
    expect(await passedOn({ 'x-request-id': 'not "one"' })).toMatchObject({
      'x-request-id': expect.stringMatching(/^[\da-f-]{36}$/),
    })
  })

  test('with all that services know of', async () => {
    const headers = {
      authorization: 'Bearer x',
      'idempotency-key': 'k',
      'if-match': '"1"',
      prefer: 'wait=1',
      'consistency-token': 'AQ',
      traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
    }
    expect(await passedOn(headers)).toMatchObject(headers)
  })

  test('whole: the largest document there may be', async () => {
    const body = JSON.stringify({ text: 'x'.repeat(256 * 1024 - 11) })
    await ask('/users', { method: 'POST', body })
    expect(users.received.at(-1)!.body).toBe(body)
  })

  test('unless it is too large, which is said in the words of its face', async () => {
    const large = { method: 'POST', body: 'x'.repeat(1024 * 1024) }
    expect(await (await ask('/mongo', large)).json()).toMatchObject({ status: 413, code: 'input.too_large' })
    expect(await (await ask('/trpc/documents.create', large)).json()).toMatchObject({
      error: { data: { httpStatus: 413, reason: 'input.too_large' } },
    })
  })
})

test('an answer that goes on is passed on as it comes', async () => {
  const answer = await ask('/stream')
  const reader = answer.body!.getReader()
  expect(new TextDecoder().decode((await reader.read()).value)).toBe('data: 1\n\n')
  await reader.cancel()
})
