import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Command } from '../../platform/commands/command.ts'
import { newId } from '../../platform/ids.ts'
import { openLog } from '../../platform/log/mod.ts'
import { partitionOf } from '../../platform/log/partition.ts'
import { PARTITIONS } from '../../platform/log/port.ts'
import type { Sql } from '../../platform/sql/port.ts'
import { openDeadLetters } from '../../services/consumer/decide/dead-letters.ts'
import { commandOf, projectPayload } from '../../services/consumer/fixture.testing.ts'
import { allMigrations } from '../../services/migrations.ts'
import { createPeople, type Person } from '../system/people.ts'
import { type Place, realPlace } from '../system/place.ts'
import { admin } from '../system.ts'
import { runCommand } from './command.ts'
import { type ContainerSystem, startContainers } from './system.ts'

const PATIENCE = { timeout: 60_000, interval: 100 }

// The commands of an operator, from the bundles, as docs/operating.md has them run.
describe('migrate.js', { timeout: 120_000 }, () => {
  let place: Place
  beforeAll(async () => {
    place = await realPlace()
  })
  afterAll(() => place?.remove())

  const applied = () => place.database((sql) => sql.query('SELECT name, applied_at FROM migrations ORDER BY name'))

  test('makes all tables in an empty database, and the topics', async () => {
    const { status, said } = await runCommand(place, 'migrate.js')
    expect(status, said).toBe(0)
    const all = (await allMigrations()).map(({ name }) => name)
    expect((await applied()).map(({ name }) => name)).toEqual(all.toSorted())
    for (const name of all) expect(said).toMatch(new RegExp(`^\\S.*  ${name}$`, 'm'))
    expect(said).toMatch(/^The database and the topics are up to date\.$/m)
    expect(await partitionsOf(place)).toEqual({ commands: PARTITIONS, events: PARTITIONS })
    const count = (sql: Sql) => sql.query('SELECT count(*)::int FROM consumer_progress')
    expect(await place.database(count)).toEqual([{ count: PARTITIONS }])
  })

  test('has nothing to do where that was done', async () => {
    const before = await applied()
    const { status, said } = await runCommand(place, 'migrate.js')
    expect({ status, said }).toEqual({ status: 0, said: expect.stringContaining('are up to date.') })
    expect(await applied()).toEqual(before)
    expect(await partitionsOf(place)).toEqual({ commands: PARTITIONS, events: PARTITIONS })
  })

  test('ends with 1 and a sentence where it lacks a setting', async () => {
    const { status, said } = await runCommand({ env: { ...place.env, DATABASE_URL: 'nonsense' } }, 'migrate.js')
    expect({ status, said }).toEqual({ status: 1, said: expect.stringContaining('DATABASE_URL') })
  })
})

/** How many partitions each topic of a place has, by its name without the prefix. */
async function partitionsOf({ env }: Place): Promise<Record<string, number>> {
  const kafka = new Kafka({ brokers: env.KAFKA_BROKERS!.split(','), logLevel: logLevel.NOTHING }).admin()
  await kafka.connect()
  try {
    const prefix = env.TOPIC_PREFIX!
    const own = (await kafka.listTopics()).filter((topic) => topic.startsWith(prefix))
    const { topics } = await kafka.fetchTopicMetadata({ topics: own })
    return Object.fromEntries(topics.map(({ name, partitions }) => [name.slice(prefix.length), partitions.length]))
  } finally {
    await kafka.disconnect()
  }
}

describe('the commands, on a system that runs', { timeout: 180_000 }, () => {
  let place: Place
  let system: ContainerSystem
  let person: Person
  beforeAll(async () => {
    place = await realPlace()
    system = await startContainers({ place: { ...place, remove: async () => {} } })()
    person = await system.people.admin()
    const headers = { prefer: 'wait=10' }
    await person.ask('POST', '/projects', { body: { name: 'Apollo' }, headers })
    await person.ask('POST', '/tasks', { body: { projectId: 'APOLLO', title: 'Fuel' }, headers })
  })
  afterAll(async () => {
    if (system) await stop()
    await place?.remove()
  })
  let stopped: Promise<void> | undefined
  const stop = () => (stopped ??= system.stop())
  const run = (...words: string[]) => runCommand(place, ...words)

  describe('dlq.js', () => {
    const broken = commandOf('project.create', newId(), { ...projectPayload('Broken', 'BROKEN'), keys: 'none' })
    const at = (offset: number) => `${partitionOf(broken.root)}:${offset}`
    const letters = (many: number) =>
      place.database((sql) =>
        vi.waitFor(async () => {
          const open = await openDeadLetters(sql)
          expect(open).toHaveLength(many)
          return open.map(({ partition, position }) => `${partition}:${position}`)
        }, PATIENCE),
      )
    let unfit: string
    let unreadable: string

    test('lists nothing where nothing was set aside', async () => {
      expect(await run('dlq.js', 'list')).toEqual({ status: 0, said: 'There are no dead letters.\n' })
    })

    test('lists what was set aside, and shows it', async () => {
      const offsets = await append([broken, 'nonsense'])
      ;[unfit, unreadable] = offsets.map(at) as [string, string]
      expect(await letters(2)).toEqual([unfit, unreadable])
      const { status, said } = await run('dlq.js', 'list')
      expect(status).toBe(0)
      expect(said).toMatch(new RegExp(`^${unfit}  .*  its payload does not fit`, 'm'))
      expect(said).toMatch(new RegExp(`^${unreadable}  .*  it is not JSON$`, 'm'))
      expect(said).toMatch(/^2 to look at\.$/m)
      const shown = await run('dlq.js', 'show', unreadable)
      expect(shown.status).toBe(0)
      expect(JSON.parse(shown.said)).toMatchObject({ value: 'nonsense', reason: 'it is not JSON', discarded: false })
    })

    test('is what trace.js leads to', async () => {
      const { status, said } = await run('trace.js', unfit)
      expect({ status, said }).toEqual({ status: 0, said: expect.stringContaining(`npm run dlq -- show ${unfit}`) })
    })

    test('discards what nothing is to be done about, once', async () => {
      expect(await run('dlq.js', 'discard', unreadable)).toEqual({ status: 0, said: `${unreadable} is discarded.\n` })
      expect(await letters(1)).toEqual([unfit])
      const again = await run('dlq.js', 'discard', unreadable)
      expect(again).toEqual({ status: 1, said: expect.stringContaining('was discarded') })
    })

    test('sends a command again, which is decided again, as a new one', async () => {
      const { status, said } = await run('dlq.js', 'requeue', unfit)
      expect({ status, said }).toEqual({
        status: 0,
        said: expect.stringContaining(`${unfit} is sent again, as command`),
      })
      const id = /as command (\S+)\.$/m.exec(said)?.[1]
      // Nothing was mended: it is set aside again, at its new place.
      await place.database((sql) =>
        vi.waitFor(async () => {
          const open = await openDeadLetters(sql)
          expect(open.map(({ value }) => JSON.parse(value).id)).toEqual([id])
        }, PATIENCE),
      )
      expect(id).not.toBe(broken.id)
      expect(await letters(1)).not.toEqual([unfit])
    })

    test('ends with 2 where it was called wrongly', async () => {
      expect(await run('dlq.js', 'show')).toEqual({ status: 2, said: expect.stringContaining('PARTITION:POSITION') })
    })

    /** Onto one partition: a command, and what is none. */
    async function append(values: readonly (Command | string)[]): Promise<number[]> {
      const log = await openLog({ brokers: [place.env.KAFKA_BROKERS!], topicPrefix: place.env.TOPIC_PREFIX! })
      const partition = partitionOf(broken.root)
      const text = (value: Command | string) => (typeof value === 'string' ? value : JSON.stringify(value))
      const records = values.map((value) => ({ partition, key: broken.root, value: text(value) }))
      return log.append('commands', records).finally(() => log.close())
    }
  })

  describe('admin-reset.js', () => {
    test('prints a new password, which is the only one, and ends all sessions', async () => {
      const { status, said } = await run('admin-reset.js')
      expect(status, said).toBe(0)
      const [, password = ''] = /^The password of admin is now (\S+) \(shown once\)\./.exec(said) ?? []
      const { stranger, login } = createPeople(system.url, admin)
      const refused = await stranger.ask('POST', '/token/refresh', { body: { refresh_token: person.refreshToken } })
      expect(refused).toMatchObject({ status: 401, body: { code: 'session.invalid' } })
      await expect(login(admin)).rejects.toMatchObject({ status: 401 })
      person = await login({ ...admin, password })
      expect(person.username).toBe('admin')
    })

    test('ends with 1 for whoever is no admin', async () => {
      expect(await run('admin-reset.js', 'ann')).toEqual({ status: 1, said: 'ann is no admin.\n' })
    })
  })

  describe('rebuild.js, with every process stopped', () => {
    const state = () =>
      place.database(async (sql) => ({
        users: await sql.query('SELECT id, version, data FROM users ORDER BY id'),
        projects: await sql.query('SELECT id, version, data, task_counter FROM projects ORDER BY id'),
        tasks: await sql.query('SELECT id, version, data FROM tasks ORDER BY id'),
      }))
    let told: Awaited<ReturnType<typeof state>>
    beforeAll(async () => {
      await stop()
      told = await state()
      expect([told.users.length, told.projects.length, told.tasks.length]).toEqual([1, 1, 1])
    })

    test('makes a database that was lost as the log has it, after migrate.js', async () => {
      await place.database((sql) => sql.script('DROP SCHEMA public CASCADE; CREATE SCHEMA public'))
      expect((await run('migrate.js')).status).toBe(0)
      expect((await state()).users).toEqual([])
      const { status, said } = await run('rebuild.js')
      expect({ status, said }).toEqual({
        status: 0,
        said: expect.stringContaining('The database is as events tell it'),
      })
      expect(said).toContain('Start the consumers now')
      expect(await state()).toEqual(told)
    })

    test('loses what the log has lost only where that is accepted', async () => {
      const ahead = 'next_offset = next_offset + 1, published = published + 1'
      await place.database((sql) => sql.script(`UPDATE consumer_progress SET ${ahead} WHERE partition = 0`))
      const refused = await run('rebuild.js')
      expect(refused).toEqual({ status: 1, said: expect.stringContaining('npm run rebuild -- --accept-loss') })
      const { status, said } = await run('rebuild.js', '--accept-loss')
      expect(status, said).toBe(0)
      expect(await state()).toEqual(told)
    })

    test('ends with 2 where it was called wrongly', async () => {
      const said = expect.stringContaining('rebuild [-- --accept-loss]')
      expect(await run('rebuild.js', '--accept-loses')).toEqual({ status: 2, said })
    })
  })
})
