import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createRoutes } from '../platform/openapi/routes.ts'
import { contracts } from '../services/catalog.ts'
import { filled, type HttpRequest, readHttpFile } from './api-http/requests.ts'
import { root } from './architecture/sources.ts'
import { type Printed, textOf } from './readme/curl.ts'
import { createComparison } from './readme/output.ts'
import { admin, type System, startFresh } from './system.ts'

const read = (path: string) => readFileSync(join(root, path), 'utf8')
const { variables, requests } = readHttpFile(read('api.http'))
const services = Object.entries(contracts).map(([name, contract]) => ({ name, contract }))
const routes = createRoutes(services)

describe('api.http', () => {
  let system: System
  const answers = new Map<string, unknown>()
  const printed = new Map<string, Printed>()
  beforeAll(async () => {
    system = await startFresh()
  })
  afterAll(() => system?.stop())

  test('has a request for each procedure', () => {
    const all = services.flatMap(({ name, contract }) => Object.keys(contract).map((key) => `${name}.${key}`))
    const had = requests.map(procedureOf)
    expect(all.filter((name) => !had.includes(name))).toEqual([])
  })

  test('uses every variable, and has no name twice', () => {
    const text = JSON.stringify([requests, Object.values(variables)])
    expect(Object.keys(variables).filter((name) => !text.includes(`{{${name}}}`))).toEqual([])
    const names = requests.flatMap(({ name }) => name ?? [])
    expect(names).toEqual([...new Set(names)])
  })

  // In this order: each stands on those before it, as for whoever goes from top to bottom.
  test.each(requests.map((request) => [request.title, request] as const))('%s', async (_, request) => {
    const given = { ...variables, url: system.url, password: admin.password }
    const fill = (text: string) => filled(text, given, answers)
    // A busy machine may take longer than the two seconds that a change waits unasked.
    const headers = new Headers({ prefer: 'wait=10' })
    for (const [name, value] of Object.entries(request.headers)) headers.set(name, fill(value))
    const response = await fetch(fill(request.url).replace('?wait=5', '?wait=10'), {
      method: request.method,
      headers,
      ...(request.body !== undefined && { body: fill(request.body) }),
    })
    const text = await response.text()
    expect(response.status, text).toBe(request.status)
    if (request.name !== undefined) answers.set(request.name, JSON.parse(text))
    const line = `HTTP/1.1 ${response.status} ${response.statusText}`
    printed.set(request.title, { head: { line, headers: response.headers }, body: text })
  })

  test('README.md shows one of them, and its answer', () => {
    const [, shown = '', title = '', answer = ''] =
      /^```http\n(### (.+) → [\s\S]*?)```\n\n```http\n(HTTP[\s\S]*?)\n```$/m.exec(read('README.md')) ?? []
    expect(title).not.toBe('')
    expect(read('api.http')).toContain(shown)
    expect(textOf(printed.get(title), answer)).toMatch(createComparison().patternOf(answer))
  })
})

/** `tasks.byId`, over REST or tRPC. */
function procedureOf({ title, method, url }: HttpRequest): string {
  const path = url.replace('{{url}}', '').split('?')[0]!
  if (path.startsWith('/trpc/')) return path.slice('/trpc/'.length)
  const found = routes.find(method, path)
  if (!found || !('route' in found)) throw new Error(`${title}: nothing is served at ${method} ${path}`)
  return found.route.name
}
