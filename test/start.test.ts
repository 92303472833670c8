import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { openSql } from '../platform/sql/mod.ts'
import { root } from './architecture/sources.ts'
import { freePort } from './system/free-port.ts'
import { type Person, unique } from './system/people.ts'
import { emptyPlace, preparedPlace } from './system/place.ts'
import { startProcess } from './system/program.ts'
import { openPrograms, peopleOf } from './system/programs.ts'
import { ask } from './system/rest.ts'
import { admin } from './system.ts'

const { run, newPlace } = openPrograms()

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

  test('decides for good: what had no demo data has none later', async () => {
    const DATA_DIR = await newPlace(preparedPlace)
    const later = await run({ DATA_DIR })
    await later.ready()
    const root = await peopleOf(later).admin()
    expect(await demoOf(root)).toEqual([])
    expect((await root.over('REST').users.list({})).items).toHaveLength(1)
  })

  test('puts no demo data where somebody is, whoever has decided nothing', async () => {
    const DATA_DIR = await newPlace(preparedPlace)
    const before = await run({ DATA_DIR })
    await before.ready()
    const { username } = await peopleOf(before).join()
    await before.end('SIGTERM')
    const sql = await openSql({ directory: join(DATA_DIR, 'sql') })
    await sql.query(`DELETE FROM system WHERE name = 'demo'`)
    await sql.close()

    const later = await run({ DATA_DIR })
    await later.ready()
    const root = await peopleOf(later).admin()
    expect(await demoOf(root)).toEqual([])
    const { items } = await root.over('REST').users.list({})
    expect(items.map((user) => user.username)).toEqual([username, admin.username])
  })

  test('leaves out of the demo data whom the admin has the name of', async () => {
    const given = { ADMIN_USERNAME: 'surveyor', ADMIN_PASSWORD: admin.password }
    const program = await run({ DATA_DIR: await newPlace(emptyPlace), ...given })
    await program.ready()
    expect(program.said()).toContain('"code":"user.username_taken"')
    const surveyor = await peopleOf(program).login({ username: 'surveyor', password: admin.password })
    const demo = await demoOf(surveyor)
    expect(demo.map(({ key, members, tasks }) => [key, members.length, tasks.length])).toEqual([
      ['SAD', 2, 4],
      ['HARBOUR', 3, 5],
    ])
    const { items } = await surveyor.over('REST').users.list({ sort: 'username' })
    expect(items.map(({ username }) => username)).toEqual(['electrician', 'sadovnik', 'surveyor'])
    await program.end('SIGTERM')
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

test('by npm, and the end by a signal to npm: it reaches the server', { timeout: 120_000 }, async () => {
  const DATA_DIR = await newPlace(preparedPlace)
  const port = String(await freePort())
  const command = ['npm', 'start', '--silent']
  const npm = startProcess({ command, cwd: root, env: { DATA_DIR, PORT: port }, url: `http://127.0.0.1:${port}` })
  onTestFinished(async () => {
    if (npm.status() === undefined) await npm.end('SIGTERM')
  })
  await npm.ready()
  expect(await npm.end('SIGTERM')).toBe(0)
  expect(npm.said()).toContain('"msg":"stopped"')
  await expect(fetch(npm.url)).rejects.toThrow()
})

describe('a start that cannot be', { timeout: 120_000 }, () => {
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
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
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

test('a lost password is replaced, and the sessions end with it', { timeout: 240_000 }, async () => {
  const DATA_DIR = await newPlace(preparedPlace)
  const reset = await run({ DATA_DIR }, 'scripts/admin-reset.ts')
  expect(await reset.ended).toBe(0)
  const [, username, password] = /The password of (\S+) is now (\S+)/.exec(reset.said())!
  const program = await run({ DATA_DIR })
  await program.ready()
  await expect(peopleOf(program).login(admin)).rejects.toMatchObject({ code: 'credentials.wrong' })
  expect(await peopleOf(program).login({ username: username!, password: password! })).toMatchObject({ username })
})

test.each([['admin-reset'], ['dlq', 'list'], ['trace', '0:1'], ['rebuild']])(
  '%s makes no data directory where none is',
  { timeout: 120_000 },
  async (script, ...parameters) => {
    const DATA_DIR = join(await newPlace(emptyPlace), 'mistyped')
    const program = await run({ DATA_DIR }, `scripts/${script}.ts`, parameters)
    expect(await program.ended).toBe(1)
    expect(program.said()).toContain(`${DATA_DIR} has no data. Set DATA_DIR to the directory`)
    expect(existsSync(DATA_DIR)).toBe(false)
  },
)
