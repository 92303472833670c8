import { Validator } from '@seriousme/openapi-schema-validator'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PROBLEM_TYPE } from '../platform/errors/problem.ts'
import { serviceNames } from '../services/catalog.ts'
import { openApiOfAll } from '../services/openapi.ts'
import type { Answer } from './system/rest.ts'
import type { StartSystem, System } from './system.ts'
import {
  type Check,
  checkerOf,
  exampleOf,
  type Found,
  type OpenApi,
  operationsOf,
  type Request,
  resolved,
  responseOf,
} from './walk/document.ts'
import { castOf, steps } from './walk/steps.ts'

/** What the server says that it is, against what it is. @param start with the demo data */
export function walkSuite(start: StartSystem): void {
  describe('the document that the server gives', () => {
    let system: System
    let document: OpenApi
    let check: Check
    beforeAll(async () => {
      system = await start()
      document = (await system.people.stranger.ask<OpenApi>('GET', '/openapi.json')).body
      check = checkerOf(document)
    })
    afterAll(() => system?.stop())

    const found = (id: string): Found => {
      const one = operationsOf(document).find(({ operation }) => operation.operationId === id)
      if (!one) throw new Error(`the document has no ${id}`)
      return one
    }

    test('is OpenAPI 3.1', async () => {
      const validator = new Validator()
      expect(await validator.validate(structuredClone(document) as never)).toEqual({ valid: true })
      expect(validator.version).toBe('3.1')
    })

    test('has tags, security schemes and an example for each operation that takes something', () => {
      expect(document).toMatchObject({
        tags: [...serviceNames, 'operations'].map((name) => ({
          ...{ name, description: expect.any(String) },
        })),
        components: { securitySchemes: { password: { flows: { password: { tokenUrl: '/token' } } } } },
      })
      for (const { operation } of operationsOf(document)) {
        const bodies = Object.values(operation.requestBody?.content ?? {})
        if (operation.requestBody?.required) expect(bodies[0], operation.operationId).toHaveProperty('example')
      }
    })

    test('describes every parameter and every field of a body', () => {
      for (const { operation } of operationsOf(document)) {
        for (const place of operation.parameters) {
          const { name, description = '' } = resolved(document, place)
          expect(description, `${operation.operationId}: ${name}`).toMatch(/^\S.*\.$/s)
        }
        for (const { schema } of Object.values(operation.requestBody?.content ?? {})) {
          for (const [name, field] of Object.entries(schema?.properties ?? {})) {
            expect(field.description ?? '', `${operation.operationId}: ${name}`).toMatch(/^\S.*\.$/s)
          }
        }
      }
    })

    test('points at nothing that is not there', async () => {
      for (const [, kind, name] of JSON.stringify(document).matchAll(/"\$ref":"#\/components\/([^/"]+)\/([^"]+)"/g)) {
        expect(document.components[kind!], name).toHaveProperty([name!])
      }
      const ids = operationsOf(document).map(({ operation }) => operation.operationId)
      const linked = [...JSON.stringify(document).matchAll(/"links":\{"([^"]+)":\{"operationId":"([^"]+)"/g)]
      expect(linked.length).toBeGreaterThan(0)
      for (const [, name, id] of linked) expect([name, ids]).toEqual([id, expect.arrayContaining([id])])
    })

    test('links each code to where it is explained', async () => {
      const page = await (await fetch(`${system.url}/docs/errors`)).text()
      const codes = Object.keys(document.components.examples ?? {})
      expect(codes).toEqual(expect.arrayContaining(['input.invalid', 'task.illegal_move', 'project.name_taken']))
      for (const code of codes) expect(page).toContain(`id="${code}"`)
    })

    // The operations are known before there is a server: what it says of itself must be the same.
    const ids = Object.values(openApiOfAll().paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    )

    test('is walked in full', () => {
      expect(operationsOf(document).map(({ operation }) => operation.operationId)).toEqual(ids)
      expect(steps.map(({ operation }) => operation).sort()).toEqual([...ids].sort())
    })

    test.each(shown)('%s answers its example as it stands there, but for the time', async (id) => {
      const one = found(id)
      const { body } = await (await system.people.admin()).ask('GET', urlOf(one, exampleOf(one.operation)))
      expect(timeless(responseOf(document, one, 200)!.content!['application/json']!.example)).toEqual(timeless(body))
    })

    test('is what the server does: each operation, called with its example, answers as it says', {
      timeout: 300_000,
    }, async () => {
      const cast = castOf(system)
      for (const step of steps) {
        const one = found(step.operation)
        const request = { ...exampleOf(one.operation), ...(await step.given?.(cast)) }
        const caller = await cast[step.as]()
        const headers = { prefer: 'wait=10' } // a busy machine may take longer than is waited unasked
        const answer = await caller.ask(one.method, urlOf(one, request), { headers, ...bodyOf(request) })
        expect(complaints(one, answer), `${step.operation}: ${JSON.stringify(answer.body)}`).toEqual([])
        expect(answer.status, step.operation).toBe(successOf(one))
      }
    })

    test.each(ids)('%s without a token, where it needs one, is refused as it says', async (id) => {
      const one = found(id)
      const request = exampleOf(one.operation)
      if (one.operation.security) return expect(one.operation.security).toEqual([])
      const answer = await system.people.stranger.ask(one.method, urlOf(one, request), bodyOf(request))
      expect(answer).toMatchObject({ status: 401, body: { code: 'auth.missing' } })
      expect(complaints(one, answer)).toEqual([])
    })

    test.each(ids)('%s with a parameter that it does not know is refused as it says', async (id) => {
      const one = found(id)
      const request = exampleOf(one.operation)
      const admin = await system.people.admin()
      const url = urlOf(one, { ...request, query: { ...request.query, unheard: 'of' } })
      const answer = await admin.ask(one.method, url, bodyOf(request))
      expect(answer).toMatchObject({
        status: 400,
        body: { code: 'input.invalid', issues: [{ path: ['unheard'], message: expect.any(String) }] },
      })
      expect(complaints(one, answer)).toEqual([])
    })

    /** What an answer has that the document does not say, or has not that it says. */
    function complaints(one: Found, { status, headers, body }: Answer): string[] {
      const documented = responseOf(document, one, status)
      if (!documented) return [`${status} is not documented`]
      const absent = Object.keys(documented.headers ?? {}).filter((name) => !headers.has(name))
      const missing = absent.map((name) => `there is no ${name}`)
      if (!documented.content) return [...missing, ...(body === undefined ? [] : ['there is a body'])]
      const type = headers.get('content-type')?.split(';', 1)[0] ?? 'no type'
      if (!(type in documented.content)) return [...missing, `${type} is not documented`]
      if (status >= 400 && type !== PROBLEM_TYPE) return [...missing, `a problem is ${type}`]
      return [...missing, ...check(documented.content[type]!.schema, body)]
    }
  })
}

const FORM = 'application/x-www-form-urlencoded'

/** What the demo data has. */
const shown = ['users', 'projects', 'tasks'].flatMap((service) => [`${service}.byId`, `${service}.list`])
const timeless = (body: unknown): unknown =>
  JSON.parse(JSON.stringify(body), (key, value) => (['createdAt', 'updatedAt'].includes(key) ? undefined : value))

/** The status of an answer that was waited for. */
const successOf = ({ operation }: Found): number =>
  Number(Object.keys(operation.responses).find((status) => ['200', '201', '204'].includes(status)))

function urlOf({ path }: Found, request: Request): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(String(request.path[name])))
  const pairs = Object.entries(request.query).flatMap(([name, value]) =>
    [value].flat().map((one) => [name, String(one)]),
  )
  const query = new URLSearchParams(pairs).toString()
  return query === '' ? filled : `${filled}?${query}`
}

function bodyOf({ type, body }: Request) {
  if (type === FORM) return { raw: new URLSearchParams(body as Record<string, string>) }
  return type === undefined ? {} : { body }
}
