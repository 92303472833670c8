import { existsSync, readdirSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Project } from '../services/projects/schema.ts'
import { type Load, send, startLoad, type Wish } from './durability/load.ts'
import { freePort } from './system/free-port.ts'
import { walkPages } from './system/pages.ts'
import { createPeople, type People, type Person, unique } from './system/people.ts'
import { emptyPlace, preparedPlace } from './system/place.ts'
import { type Program, startProgram } from './system/program.ts'
import { ask } from './system/rest.ts'
import { admin, type Settings } from './system.ts'

const programs: Program[] = []
const places: { remove(): Promise<void> }[] = []
afterEach(async () => {
  for (const program of programs.splice(0)) if (program.status() === undefined) await program.end('SIGKILL')
  for (const place of places.splice(0)) await place.remove()
})

async function run(settings: Settings, file?: string): Promise<Program> {
  const program = await startProgram(settings, file)
  programs.push(program)
  return program
}

async function newPlace(made: typeof emptyPlace): Promise<string> {
  const place = await made()
  places.push(place)
  return place.directory
}

const peopleOf = ({ url }: Program): People => createPeople(url, admin)

describe('the first start', { timeout: 120_000 }, () => {
  test('tells where it is and how to log in, and is ready when the demo data is complete', async () => {
    const DATA_DIR = await newPlace(emptyPlace)
    const program = await run({ DATA_DIR })
    const starting = await vi.waitFor(() => ask(program, 'GET', '/users'), { timeout: 30_000, interval: 20 })
    expect(starting).toMatchObject({ status: 503, body: { code: 'service.starting' } })
    expect(starting.headers.get('retry-after')).toBe('1')
    expect(await ask(program, 'GET', '/readyz')).toMatchObject({ status: 503 })
    expect(await ask(program, 'GET', '/livez')).toMatchObject({ status: 200 })

    await program.ready()
    await vi.waitFor(() => expect(program.said()).toContain('shown once'))
    const [, username, password] = /Admin +(\S+), password (\S+)/.exec(program.said())!
    for (const line of ['Making the database', `Trefoil   ${program.url}`, `${program.url}/docs`, DATA_DIR]) {
      expect(program.said()).toContain(line)
    }
    const first = await peopleOf(program).login({ username: username!, password: password! })
    const demo = await demoOf(first)
    expect(demo.map(({ name, tasks }) => [name, tasks.length])).toEqual([
      ['Сад на крыше', 4],
      ['Harbour Lights', 5],
    ])
    expect(new Set(demo.flatMap(({ tasks }) => tasks.map(({ state }) => state)))).toEqual(
      new Set(['backlog', 'todo', 'in_progress', 'in_review', 'done', 'cancelled']),
    )
    expect(await program.end('SIGTERM')).toBe(0)
    expect(otherThanJson(program.said())).toHaveLength(6)

    const again = await run({ DATA_DIR })
    await again.ready()
    expect(await demoOf(await peopleOf(again).login({ username: username!, password: password! }))).toEqual(demo)
    await vi.waitFor(() => expect(again.said()).toContain(`Trefoil   ${again.url}`))
    expect(again.said()).not.toMatch(/password|Making/)
  })

  test('takes the admin that it is given, and leaves the demo data out where it is told so', async () => {
    const program = await run({
      DATA_DIR: await newPlace(emptyPlace),
      ADMIN_USERNAME: 'boss',
      ADMIN_PASSWORD: 'a passphrase of my own',
      DEMO_DATA: 'false',
    })
    await program.ready()
    const boss = await peopleOf(program).login({ username: 'boss', password: 'a passphrase of my own' })
    expect((await boss.over('REST').projects.list({})).items).toEqual([])
    expect((await boss.over('REST').users.list({})).items).toEqual([expect.objectContaining({ username: 'boss' })])
    expect(program.said()).not.toContain('a passphrase of my own')
  })

  test('may be ended at any moment: it is taken up by the next one', async () => {
    const DATA_DIR = await newPlace(emptyPlace)
    const first = await run({ DATA_DIR })
    await vi.waitFor(() => expect(first.said()).toContain('Making the database'), { timeout: 30_000, interval: 20 })
    expect(await first.end('SIGTERM')).toBe(0)
    const again = await run({ DATA_DIR, ADMIN_PASSWORD: admin.password })
    await again.ready()
    expect(await demoOf(await peopleOf(again).admin())).toHaveLength(2)
  })

  async function demoOf(person: Person) {
    const { projects, tasks } = person.over('REST')
    const { items } = await projects.list({})
    return Promise.all(items.map(async (one) => ({ ...one, tasks: (await tasks.list({ projectId: one.id })).items })))
  }

  const otherThanJson = (text: string): string[] => text.split('\n').filter((line) => line !== '' && line[0] !== '{')
})

describe('killed with -9 while clients write, and started again at once', { timeout: 120_000 }, () => {
  test('it has everything that was acknowledged, codes without gaps, and nothing twice', async () => {
    const DATA_DIR = await newPlace(preparedPlace)
    const projects: Project[] = []
    const wishes: Wish[] = []
    for (const round of [1, 2, 3]) {
      const program = await run({ DATA_DIR })
      await program.ready()
      const root = await peopleOf(program).admin()
      if (round === 1) {
        for (const name of ['One', 'Two']) projects.push(await root.over('REST').projects.create({ name }))
      }
      await expectKept(root, wishes, projects)
      if (round === 3) return
      const load = startLoad(
        root,
        projects.map(({ id }) => id),
        8,
      )
      await vi.waitFor(() => expect(load.acknowledged).toBeGreaterThan(60), { timeout: 60_000, interval: 10 })
      expect(await program.end('SIGKILL')).toBe(137)
      await load.stop()
      expect(load.acknowledged).toBeGreaterThan(60)
      wishes.push(...load.wishes)
    }
  })

  /** Whoever had no answer asks again under the same key, which makes one of each. */
  async function expectKept(root: Person, wishes: readonly Wish[], projects: readonly Project[]): Promise<void> {
    const told = wishes.filter(({ answer }) => answer).map(({ title, answer }) => [title, answer!.body.code] as const)
    for (const wish of wishes.filter(({ answer }) => !answer)) await send(root, wish)
    expect(new Set(wishes.map(({ answer }) => answer?.status))).toEqual(new Set(wishes.length > 0 ? [201] : []))

    const { tasks } = root.over('REST')
    for (const { id, key } of projects) {
      const kept = await walkPages((cursor) => tasks.list({ projectId: id, limit: 100, sort: 'createdAt', ...cursor }))
      const wished = wishes.filter(({ project }) => project === id).map(({ title }) => title)
      expect(kept.map(({ title }) => title).toSorted()).toEqual(wished.toSorted())
      const codes = new Map(kept.map(({ title, code }) => [title, code]))
      for (const [title, code] of told) if (codes.has(title)) expect(codes.get(title)).toBe(code)
      const numbers = kept.map(({ number }) => number).toSorted((a, b) => a - b)
      expect(numbers).toEqual(numbers.map((_, nth) => nth + 1))
      expect(new Set(kept.map(({ code }) => code))).toEqual(new Set(numbers.map((number) => `${key}-${number}`)))
    }
  }
})

describe('SIGTERM while clients write', { timeout: 120_000 }, () => {
  test('every request that was taken is answered, the status is 0, and nothing is lost', async () => {
    const DATA_DIR = await newPlace(preparedPlace)
    const program = await run({ DATA_DIR })
    await program.ready()
    const root = await peopleOf(program).admin()
    const { id } = await root.over('REST').projects.create({ name: 'Busy' })
    const load = startLoad(root, [id], 8)
    await vi.waitFor(() => expect(load.acknowledged).toBeGreaterThan(30), { timeout: 60_000, interval: 10 })
    expect(await program.end('SIGTERM')).toBe(0)
    await load.stop()
    expect(new Set(answersOf(load))).toEqual(new Set([201, 'refused']))
    expect(program.said()).toContain('"msg":"stopped"')
    expect(JSON.parse(await readFile(join(DATA_DIR, 'trefoil.json'), 'utf8'))).toMatchObject({ clean: true })

    const again = await run({ DATA_DIR })
    await again.ready()
    const { tasks } = (await peopleOf(again).admin()).over('REST')
    const kept = await walkPages((cursor) => tasks.list({ projectId: id, limit: 100, ...cursor }))
    expect(kept).toHaveLength(load.acknowledged)
  })

  /** A status, or how the connection failed; each runtime has its own error for one that is refused. */
  const answersOf = ({ wishes }: Load) =>
    wishes.map(({ answer, error }) => {
      if (answer) return answer.status
      const told = inspect(error)
      return /ECONNREFUSED|Connection refused/.test(told) ? 'refused' : told
    })
})

describe('a start that cannot be', { timeout: 60_000 }, () => {
  test('on a data directory that another process has: the sentence names it, and that one goes on', async () => {
    const DATA_DIR = await newPlace(preparedPlace)
    const first = await run({ DATA_DIR })
    await first.ready()
    const second = await run({ DATA_DIR })
    expect(await second.ended).toBe(1)
    expect(second.said()).toMatch(new RegExp(`${DATA_DIR} is in use by the process ${first.pid}\\. Stop that one, or`))
    const root = await peopleOf(first).admin()
    expect(await root.over('REST').projects.create({ name: unique('goes on') })).toMatchObject({ version: 1 })
  })

  test('on a port in use: nothing is made', async () => {
    const DATA_DIR = await newPlace(emptyPlace)
    const port = await freePort()
    const { createServer } = await import('node:http')
    const server = createServer().listen(port, '127.0.0.1')
    const program = await run({ DATA_DIR, PORT: `${port}` })
    expect(await program.ended).toBe(1)
    server.close()
    expect(program.said()).toContain(`Port ${port} is in use: stop what listens there, or set PORT to another one.`)
    expect(readdirSync(DATA_DIR)).toEqual([])
  })

  test('on a directory with other files: they are left alone', async () => {
    const DATA_DIR = await newPlace(emptyPlace)
    await writeFile(join(DATA_DIR, 'letter.txt'), 'Dear Ann')
    const program = await run({ DATA_DIR })
    expect(await program.ended).toBe(1)
    expect(program.said()).toContain('Set DATA_DIR to an empty or a new directory.')
    expect(readdirSync(DATA_DIR)).toEqual(['letter.txt'])
  })

  test('on a damaged one', async () => {
    const DATA_DIR = await newPlace(preparedPlace)
    await writeFile(join(DATA_DIR, 'trefoil.json'), '{"format":')
    const program = await run({ DATA_DIR })
    expect(await program.ended).toBe(1)
    expect(program.said()).toContain('is damaged, so the data beside it was left alone. Restore it from a backup')
    expect(await readFile(join(DATA_DIR, 'trefoil.json'), 'utf8')).toBe('{"format":')
  })

  test('where none can be', async () => {
    const file = join(await newPlace(emptyPlace), 'file')
    await writeFile(file, '')
    const program = await run({ DATA_DIR: join(file, 'below') })
    expect(await program.ended).toBe(1)
    expect(program.said()).toMatch(/is not a directory, or lies below a file\. Set DATA_DIR to another one\./)
  })

  test('with settings that are none: all are named at once', async () => {
    const program = await run({ DATA_DIR: '/nowhere', REDIS_URL: 'http://x', LOG_LEVEL: 'loud' })
    expect(await program.ended).toBe(1)
    for (const name of ['REDIS_URL', 'LOG_LEVEL']) expect(program.said()).toContain(`  ${name} is`)
    expect(existsSync('/nowhere')).toBe(false)
  })

  test('of one service without the parts that it needs', async () => {
    const program = await run({}, 'services/tasks/main.ts')
    expect(await program.ended).toBe(1)
    for (const name of ['KAFKA_BROKERS', 'DATABASE_URL', 'USERS_URL', 'PROJECTS_URL']) {
      expect(program.said()).toContain(`${name} is missing: the tasks service needs it`)
    }
  })
})

test('a lost password is replaced, and the sessions end with it', { timeout: 60_000 }, async () => {
  const DATA_DIR = await newPlace(preparedPlace)
  const reset = await run({ DATA_DIR }, 'scripts/admin-reset.ts')
  expect(await reset.ended).toBe(0)
  const [, username, password] = /The password of (\S+) is now (\S+)/.exec(reset.said())!
  const program = await run({ DATA_DIR })
  await program.ready()
  await expect(peopleOf(program).login(admin)).rejects.toMatchObject({ code: 'credentials.wrong' })
  expect(await peopleOf(program).login({ username: username!, password: password! })).toMatchObject({ username })
})
