import { createLocalJWKSet, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openApiOfAll } from '../../services/openapi.ts'
import { askAsIs, lookalikes, spellings } from '../gateway/spellings.ts'
import type { Person } from '../system/people.ts'
import { ask } from '../system/rest.ts'
import { builtServices, readCompose } from './compose.ts'
import { type ContainerSystem, startContainers } from './system.ts'

// What the gateway asks of users alone, each process can answer, the consumer too.
const processes = builtServices(readCompose())
let system: ContainerSystem
let admin: Person
beforeAll(async () => {
  system = await startContainers()()
  admin = await system.people.admin()
})
afterAll(() => system?.stop())
const urlOf = (service: string): string => system.of(service)[0]!.url

describe.each(processes)('%s', (service) => {
  test('gives the document of all services, as the gateway does', async () => {
    const answer = await ask({ url: urlOf(service) }, 'GET', '/openapi.json')
    expect(answer.status).toBe(200)
    expect(answer.body).toEqual(JSON.parse(JSON.stringify(openApiOfAll())))
    expect((await system.people.stranger.ask('GET', '/openapi.json')).body).toEqual(answer.body)
  })

  test.each([
    ['/projects', { name: `Asked of ${service}` }],
    ['/mongo', { asked: service }],
  ])('tells what became of an operation that was accepted at %s', async (path, body) => {
    const accepted = await admin.ask<{ operation: string; id: string }>('POST', path, {
      ...{ body, headers: { prefer: 'respond-async' } },
    })
    expect(accepted.status).toBe(202)
    const { operation, id } = accepted.body
    const told = (token?: string) => ask({ url: urlOf(service), token }, 'GET', `/operations/${operation}?wait=10`)
    const answer = await told(admin.token)
    expect(answer).toMatchObject({ status: 200, body: { status: 'succeeded' } })
    expect(JSON.stringify(answer.body)).toContain(id)
    expect((await told()).status).toBe(401)
  })

  test('keeps its figures to those who ask it itself', async () => {
    expect(await (await fetch(`${urlOf(service)}/metrics`)).text()).toContain(`service="${service}"`)
  })
})

describe('the gateway', () => {
  test('lets services refuse headers that are too large, which keeps no instance from answering', async () => {
    const asked = { headers: { 'x-large': 'x'.repeat(60 * 1024) } }
    for (const answer of await Promise.all(Array.from({ length: 50 }, () => admin.ask('POST', '/projects', asked)))) {
      expect(answer).toMatchObject({ status: 431, body: { status: 431, code: 'input.too_large' } })
    }
    const small = { body: { name: 'After large heads' }, headers: { prefer: 'wait=10' } }
    expect((await admin.ask('POST', '/projects', small)).status).toBe(201)
  })

  test('gives the keys that tokens are checked with', async () => {
    const { status, headers, body } = await system.people.stranger.ask('GET', '/.well-known/jwks.json')
    expect([status, headers.get('content-type')]).toEqual([200, 'application/json'])
    const checked = await jwtVerify(admin.token, createLocalJWKSet(body as Parameters<typeof createLocalJWKSet>[0]))
    expect(checked.payload.sub).toBe(admin.id)
  })

  test.each(['/readyz', '/metrics'].flatMap((path) => [...spellings(path), ...lookalikes(path)]))(
    'has nobody see the inside at %s',
    async (path) => {
      const { status, body } = await askAsIs(system.gateway.url, path)
      expect([400, 404]).toContain(status)
      expect(body).not.toMatch(/trefoil_|process_cpu|"ready"/)
    },
  )
})
