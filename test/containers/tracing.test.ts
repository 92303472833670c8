import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { parseTraceparent } from '../../platform/telemetry/traceparent.ts'
import type { Task } from '../../services/tasks/schema.ts'
import { root } from '../architecture/sources.ts'
import { consoleOf } from '../readme/console.ts'
import { shapeOf } from '../readme/shape.ts'
import type { Person } from '../system/people.ts'
import { type Place, realPlace } from '../system/place.ts'
import type { Answer } from '../system/rest.ts'
import { runCommand } from './command.ts'
import { type ContainerSystem, startContainers } from './system.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const CALLER = '00f067aa0ba902b7'
const REQUEST = 'ticket-4711'
const PATIENCE = { timeout: 30_000, interval: 100 }

interface Line {
  msg: string
  route?: string
  outcome?: string
  spanId?: string
  traceId?: string
  requestId?: string
}

// What docs/operating.md says of "Following a request", where each service is a process of its own.
describe('one request, followed through every process that has to do with it', { timeout: 120_000 }, () => {
  let place: Place
  let system: ContainerSystem
  let person: Person
  let made: Answer<Task>
  beforeAll(async () => {
    place = await realPlace()
    system = await startContainers({ place })({ LOG_LEVEL: 'debug' })
    person = await system.people.admin()
    await person.ask('POST', '/projects', { body: { name: 'Apollo' }, headers: { prefer: 'wait=10' } })
    // By key and by username: tasks asks the projects service and the users service for them.
    made = await person.ask<Task>('POST', '/tasks', {
      body: { projectId: 'APOLLO', title: 'Test the engine', assignee: person.username },
      headers: { prefer: 'wait=10', 'x-request-id': REQUEST, traceparent: `00-${TRACE}-${CALLER}-01` },
    })
    expect(made).toMatchObject({ status: 201, body: { code: 'APOLLO-1', assigneeId: person.id } })
  })
  afterAll(() => system?.stop())

  /** Of that request, in the log of one service. */
  const linesOf = (service: string): Line[] =>
    system
      .of(service)
      .flatMap((container) => container.said().split('\n'))
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Line)
      .filter(({ requestId }) => requestId === REQUEST)
  const found = (service: string, route: string): Promise<Line> =>
    vi.waitFor(
      () => linesOf(service).find((line) => line.route === route) ?? expect.fail(`${service}: ${route}`),
      PATIENCE,
    )

  test('the answer names the request, and goes on with the trace', () => {
    expect(made.headers.get('x-request-id')).toBe(REQUEST)
    expect(parseTraceparent(made.headers.get('traceresponse'))).toMatchObject({ traceId: TRACE, sampled: true })
  })

  test('the gateway has it by its id', async () => {
    const line = await vi.waitFor(() => {
      const lines = system.gateway.said().split('\n')
      return lines.find((one) => one.includes(REQUEST)) ?? expect.fail('not logged')
    }, PATIENCE)
    expect(JSON.parse(line)).toMatchObject({ request_id: REQUEST, status: 201, request: { uri: '/tasks' } })
  })

  test('the service that was called, and those that it asked, each in a span of its own', async () => {
    const lines = await Promise.all([
      found('tasks', 'tasks.create'),
      found('projects', 'projects.byId'),
      found('users', 'users.byId'),
    ])
    expect(lines.map(({ msg, traceId }) => [msg, traceId])).toEqual(Array(3).fill(['request', TRACE]))
    const spans = lines.map(({ spanId }) => spanId)
    expect(new Set([CALLER, ...spans]).size).toBe(4)
    expect(spans[0]).toBe(parseTraceparent(made.headers.get('traceresponse'))?.spanId)
  })

  test('the consumer, when it decides and when it has served', async () => {
    await vi.waitFor(() => expect(linesOf('consumer').map(({ msg }) => msg)).toEqual(['decided', 'served']), PATIENCE)
    expect(linesOf('consumer')[0]).toMatchObject({ traceId: TRACE, type: 'task.create', outcome: 'succeeded' })
  })

  test('every line of it names its trace, and nobody else has one', () => {
    const lines = system.all.flatMap(({ service }) => linesOf(service).map(({ traceId }) => [service, traceId]))
    const services = ['users', 'projects', 'tasks', 'consumer']
    expect(new Set(lines.map(([service]) => service))).toEqual(new Set(services))
    expect(lines.filter(([, traceId]) => traceId !== TRACE)).toEqual([])
  })

  test('trace.js tells of it as the guide shows it, by its id, its trace and its place', async () => {
    const guide = consoleOf(readFileSync(join(root, 'docs/operating.md'), 'utf8'), '## Following a request')
    const shown = guide.find(({ command }) => command.startsWith('npm run trace -- '))!.output
    const told = async (by: string) => {
      await person.ask('GET', '/tasks/APOLLO-1') // into a cache that was shut for a while, by the next who reads it
      const { status, said } = await runCommand(place, 'trace.js', by)
      expect({ status, said: shapeOf(said) }).toEqual({ status: 0, said: shapeOf(shown) })
      expect(said).toContain(`task.create, of ${made.body.id}\n`)
      return said
    }
    const said = await vi.waitFor(() => told(REQUEST), PATIENCE)
    const [, partition, offset] = /^commands +partition (\d+), offset (\d+)$/m.exec(said) ?? []
    for (const same of [TRACE, `${partition}:${offset}`]) await vi.waitFor(() => told(same), PATIENCE)
  })

  test('trace.js ends with 1 where there is nothing, with 2 where it was called wrongly', async () => {
    const unknown = await runCommand(place, 'trace.js', 'nobody-asked')
    expect(unknown).toEqual({ status: 1, said: expect.stringContaining('No command of nobody-asked is known') })
    expect(await runCommand(place, 'trace.js')).toEqual({ status: 2, said: expect.stringContaining('REQUEST-ID') })
  })
})
