import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Command } from '../platform/commands/command.ts'
import { commandRecord } from '../platform/commands/record.ts'
import { readConfig } from '../platform/config/config.ts'
import { newId } from '../platform/ids.ts'
import { type LogRecord, PARTITIONS } from '../platform/log/port.ts'
import { openParts, type Parts } from '../platform/parts.ts'
import { createLogger } from '../platform/telemetry/log.ts'
import { parseTraceparent } from '../platform/telemetry/traceparent.ts'
import { entities } from '../services/consumer/entities.ts'
import { findCommands } from '../services/consumer/trace/find.ts'
import { pageOf } from '../services/consumer/trace/page.ts'
import { tell } from '../services/consumer/trace/story.ts'
import { allMigrations } from '../services/migrations.ts'
import type { Project } from '../services/projects/schema.ts'
import { secretTables } from '../services/secrets.ts'
import { root } from './architecture/sources.ts'
import { consoleOf } from './readme/console.ts'
import { shapeOf } from './readme/shape.ts'
import { createPeople, type Person } from './system/people.ts'
import type { Place } from './system/place.ts'
import { type Program, startProcess, startProgram } from './system/program.ts'
import { admin, type Settings } from './system.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const traceparent = `00-${TRACE}-00f067aa0ba902b7-01`

/** What is traced: one process, or all that a system is made of. */
export type Traced = Pick<Program, 'url' | 'said' | 'status' | 'end'>
export type StartOn = (place: Place, settings: Settings) => Promise<Traced>

const startOne: StartOn = async ({ env }, settings) => {
  const program = await startProgram({ ...env, ...settings })
  await program.ready()
  return program
}

/** One request, from the caller's trace to the projections: in the headers, on the log, in the lines, and told by `npm run trace`. */
export function tracingSuite(findPlace: () => Promise<Place>, startOn: StartOn = startOne): void {
  let place: Place
  let program: Traced
  let person: Person
  let answers: Record<'rest' | 'trpc' | 'batch' | 'async', Awaited<ReturnType<Person['ask']>>>
  let project: Project

  beforeAll(async () => {
    place = await findPlace()
    program = await startOn(place, { ADMIN_PASSWORD: admin.password, LOG_LEVEL: 'debug' })
    person = await createPeople(program.url, admin).admin()
    const send = (id: string, path: string, body: unknown, more: Record<string, string> = {}) =>
      person.ask('POST', path, {
        body,
        headers: { traceparent, prefer: 'wait=10', 'x-request-id': `${id}-request`, ...more },
      })
    const rest = await send('rest', '/projects', { name: 'Apollo' })
    project = rest.body as Project
    const task = { projectId: project.id, title: 'Test the engine' }
    answers = {
      rest,
      trpc: await send('trpc', '/trpc/tasks.create', task),
      batch: await send('batch', '/trpc/tasks.create,tasks.create?batch=1', { 0: task, 1: task }),
      async: await send('async', '/tasks', task, { prefer: 'respond-async' }),
    }
    const { operation } = answers.async.body as { operation: string }
    await person.ask('GET', `/operations/${operation}?wait=10`)
  }, 180_000)
  afterAll(async () => {
    if (program?.status() === undefined) await program?.end('SIGKILL')
    await place?.remove()
  })

  const traced = async (...said: string[]) => {
    const run = startProcess({
      command: ['npm', 'run', '--silent', 'trace', '--', ...said],
      cwd: root,
      env: place.env,
      url: '',
    })
    return { status: await run.ended, said: run.said() }
  }
  const lines = () =>
    program
      .said()
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>)

  test.each(['rest', 'trpc', 'batch', 'async'] as const)(
    "%s goes on with the caller's trace, in its own span",
    (face) => {
      const told = parseTraceparent(answers[face].headers.get('traceresponse'))
      expect(told).toMatchObject({ traceId: TRACE, sampled: true })
      expect(told?.spanId).not.toBe('00f067aa0ba902b7')
    },
  )

  test('every line of a request names it and its trace, those of the consumer too', async () => {
    await expect
      .poll(() => lines().filter(({ msg, requestId }) => msg === 'decided' && requestId === 'batch-request'))
      .toHaveLength(2)
    for (const id of ['rest-request', 'trpc-request', 'batch-request', 'async-request']) {
      const own = lines().filter(({ requestId }) => requestId === id)
      expect(own.map(({ msg }) => msg)).toEqual(expect.arrayContaining(['request', 'decided']))
      expect(own.map(({ traceId }) => traceId)).toEqual(own.map(() => TRACE))
    }
  })

  describe('npm run trace', () => {
    // Embedded parts belong to the server while it runs.
    beforeAll(async () => {
      if (!place.env.DATA_DIR) return
      expect(await traced('rest-request')).toEqual({ status: 1, said: expect.stringContaining('Stop') })
      expect(await program.end('SIGTERM')).toBe(0)
    })

    test('tells of a request where its command is and what became of it', async () => {
      const { status, said } = await traced('rest-request')
      expect(said).toContain(`project.create, of ${project.id}`)
      expect(said).toContain(`rest-request, trace ${TRACE}`)
      expect(said).toMatch(/^commands +partition \d+, offset \d+$/m)
      expect(said).toMatch(/^decided +project.created v1 at \d{4}-/m)
      expect(said).toMatch(/^events +partition \d+, offset \d+$/m)
      expect(said).toMatch(/^MongoDB +not used for this: it is served from Postgres$/m)
      expect(said).toMatch(/^marks .* decided [1-9].*served/m)
      expect(status).toBe(0)
    })

    test('tells of a task as the guides show it, to the last projection', { timeout: 90_000 }, async () => {
      const { id } = (answers.trpc.body as { result: { data: { id: string } } }).result.data
      const told = async () => {
        // Whoever reads it next puts it where it is not: into a cache that was shut for a while.
        if (program.status() === undefined) await person.ask('GET', `/tasks/${id}`)
        const { status, said } = await traced('trpc-request')
        expect({ status, said: shapeOf(said) }).toEqual({ status: 0, said: shapeOf(shownIn(place)) })
        expect(said).toContain(`task.create, of ${id}\n`)
      }
      await vi.waitFor(told, { timeout: 60_000 })
    })

    test('knows nothing of what nobody asked for', async () => {
      const said = expect.stringContaining('No command of nobody-asked is known')
      expect(await traced('nobody-asked')).toEqual({ status: 1, said })
    })

    test('says how it is used', async () => {
      expect(await traced()).toEqual({ status: 2, said: expect.stringContaining('npm run trace -- REQUEST-ID') })
    })
  })

  describe('in the stores', () => {
    let parts: Parts
    beforeAll(async () => {
      if (program.status() === undefined) await program.end('SIGTERM')
      parts = await openParts({
        name: 'test',
        config: readConfig({ env: place.env }),
        logger: createLogger({ level: 'silent' }),
        migrations: await allMigrations(),
        secretTables,
        onProgress: () => {},
      })
    })
    afterAll(() => parts?.close())

    const pages = async (said: string) => {
      const found = await findCommands(parts.sql, parts.log, said)
      return Promise.all(
        found.map(async (position) => pageOf(await tell({ ...parts, definitions: entities }, position))),
      )
    }

    test.each([TRACE, traceparent])('%s tells of all that was done in it, in its order', async (said) => {
      const commands = (await pages(said)).map((page) => /^command +(\S+),/.exec(page)?.[1])
      expect(commands).toEqual(['project.create', ...Array(4).fill('task.create')])
    })

    test('an operation and a position tell of their command', async () => {
      const { operation, id } = answers.async.body as { operation: string; id: string }
      const [page = ''] = await pages(operation)
      expect(page).toContain(`task.create, of ${id}`)
      const [, partition, offset] = /^commands +partition (\d+), offset (\d+)$/m.exec(page) ?? []
      expect(await pages(`${partition}:${offset}`)).toEqual([page])
    })

    test.each([`${PARTITIONS}:0`, '0:100000', 'f'.repeat(32), ''])('%j tells of nothing', async (said) => {
      expect(await pages(said)).toEqual([])
    })

    test('what is not decided yet is found on the log, of a record without headers too', async () => {
      const later = { ...(await commandOf('rest-request')), id: newId(), request: 'later', traceparent: undefined }
      const { headers: _, ...bare } = commandRecord(later)
      const [offset] = await parts.log.append('commands', [bare])
      const before = await parts.sql.query('SELECT 1 FROM outcomes WHERE partition = $1', [bare.partition])
      const [page] = await pages('later')
      expect(page).toContain(`partition ${bare.partition}, offset ${offset}`)
      expect(page).toMatch(new RegExp(`^decided +not yet: ${offset! - before.length} records`, 'm'))
      for (const place of ['events', 'MongoDB', 'cache']) expect(page).toMatch(new RegExp(`^${place} +not yet$`, 'm'))
    })

    test('the records name the request and its trace: the command in its span, the outcome in another', async () => {
      const [command] = await recordsOf('commands', 'rest-request')
      const [event] = await recordsOf('events', 'rest-request')
      const sent = answers.rest.headers.get('traceresponse')
      expect(command?.headers).toEqual({ type: 'project.create', request: 'rest-request', traceparent: sent })
      const told = parseTraceparent(event?.headers.traceparent)
      expect(told).toMatchObject({ traceId: TRACE, sampled: true })
      expect(told?.spanId).not.toBe(parseTraceparent(sent)?.spanId)
      expect(await recordsOf('events', 'batch-request')).toHaveLength(2)
    })

    async function recordsOf(topic: 'commands' | 'events', request: string): Promise<LogRecord[]> {
      const partitions = Array.from({ length: PARTITIONS }, (_, partition) => partition)
      const all = await Promise.all(partitions.map((partition) => parts.log.read(topic, partition, 0, 100)))
      return all.flat().filter(({ headers }) => headers.request === request)
    }

    const commandOf = async (request: string) => JSON.parse((await recordsOf('commands', request))[0]!.value) as Command
  })
}

/** What `npm run trace` is said to print: of embedded parts, or of real ones. */
function shownIn({ env }: Place): string {
  const [path, heading] = env.DATA_DIR
    ? (['README.md', '### Operating it'] as const)
    : (['docs/operating.md', '## Following a request'] as const)
  const shown = consoleOf(readFileSync(join(root, path), 'utf8'), heading)
  return shown.find(({ command }) => command.startsWith('npm run trace -- '))!.output
}
