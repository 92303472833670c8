import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openBus } from '../../platform/bus/mod.ts'
import { openCache } from '../../platform/cache/mod.ts'
import type { Command } from '../../platform/commands/command.ts'
import { openWatermarks } from '../../platform/commands/watermarks/feed.ts'
import { newId } from '../../platform/ids.ts'
import { openLog } from '../../platform/log/mod.ts'
import { partitionOf } from '../../platform/log/partition.ts'
import { createReads } from '../../platform/reads/mod.ts'
import { gate } from '../../platform/reads/reading.testing.ts'
import { createLogger } from '../../platform/telemetry/log.ts'
import { taskQueries } from '../tasks/queries.ts'
import { Mine } from '../tasks/schema.ts'
import { openTaskStore } from '../tasks/store/mod.ts'
import { type RunningConsumer, startConsumer } from './consumer.ts'
import { entities } from './entities.ts'
import { commandOf, taskPayload, testDatabase, userPayload } from './fixture.testing.ts'
import type { MongoProjection } from './following/projections/mongo.ts'
import { scratchMongo } from './stores.testing.ts'

// Everything in one process, on the embedded parts and a MongoDB: what readers see while it is brought up to date.

vi.setConfig({ testTimeout: 120_000 })
const PATIENT = { timeout: 30_000, interval: 100 }

const logger = createLogger({ level: 'silent' })
let mongo: ReturnType<typeof scratchMongo>
let parts: Awaited<ReturnType<typeof openParts>>
let consumer: RunningConsumer | undefined

async function openParts() {
  const directory = await mkdtemp(join(tmpdir(), 'trefoil-served-'))
  const { sql, drop } = await testDatabase()
  const [log, cache, bus] = [await openLog({ directory }), await openCache(), await openBus()]
  const watermarks = openWatermarks({ sql, bus, logger, pollMs: 50 })
  return {
    ...{ sql, log, cache, bus, watermarks },
    reads: createReads({ cache, watermarks, logger, loads: { deadlineMs: 60_000 } }),
    async close() {
      watermarks.close()
      await Promise.all([log.close(), cache.close(), bus.close()])
      await drop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}
beforeEach(async () => {
  mongo = scratchMongo()
  parts = await openParts()
})
afterEach(async () => {
  await consumer?.close()
  await parts.close()
  await mongo.drop()
})

async function start(projection: MongoProjection | null): Promise<void> {
  consumer = await startConsumer({
    ...parts,
    mongo: projection,
    definitions: entities,
    logger,
    onCacheReconnect: () => () => {},
    metrics: { decided() {}, took() {}, mark() {}, retried() {} },
  })
}
async function stop(): Promise<void> {
  await consumer?.close()
  consumer = undefined
}

async function append(...commands: Command[]) {
  const records = commands.map((command) => ({
    partition: partitionOf(command.root),
    key: command.root,
    value: JSON.stringify(command),
  }))
  const offsets = await parts.log.append('commands', records)
  return records.map(({ partition }, nth) => ({ partition, offset: offsets[nth]! }))
}
const told = async (mark: 'decided' | 'served', ...commands: Command[]) => {
  expect(await parts.watermarks.reach(await append(...commands), mark, 20_000)).toBe(true)
}

const ivan = newId()
const project = newId()
const actor = { id: ivan, role: 'member' } as const
const begin = [
  commandOf('user.create', ivan, userPayload('ivan')),
  commandOf('project.create', project, { name: 'Luna', nameKey: 'luna', description: '', keys: ['LUNA'] }, { actor }),
] as const
const create = (id: string, title: string) =>
  commandOf('task.create', id, taskPayload(title, { state: 'todo' }), { root: project, actor })
const rename = (id: string, title: string) => commandOf('task.update', id, { title }, { root: project, actor })

const cursors = () => mongo.db.collection('projection_cursors').countDocuments()

/** The service's reads, as a process opens them that is given this MongoDB or none. */
async function readers(reader = mongo.reader) {
  const queries = taskQueries(await openTaskStore(parts.sql, reader), parts.reads)
  const titles = async () => (await queries.list(project, Mine.parse({}))).items.map(({ title }) => title).sort()
  return { queries, titles }
}

/** A projection that stands still before it writes, until it is let go. */
function held(projection: MongoProjection) {
  let release = () => {}
  const gate = new Promise<void>((resolve) => {
    release = resolve
  })
  const apply = vi.fn(async (changes: Parameters<MongoProjection['apply']>[0]) => {
    if (changes.length > 0) await gate
    return projection.apply(changes)
  })
  return { projection: { ...projection, apply }, apply, release: () => release() }
}

test('an installation that gets a MongoDB later is read from its tables until that holds everything', async () => {
  const [one, two] = [newId(), newId()]
  await start(null)
  await told('decided', begin[0])
  await told('decided', begin[1])
  await told('served', create(one, 'one'), create(two, 'two'))
  await stop()

  const { queries, titles } = await readers()
  const slow = held(mongo.projection)
  await start(slow.projection)
  await expect.poll(() => slow.apply.mock.calls.length, PATIENT).toBeGreaterThan(0)
  expect(await mongo.db.collection('tasks').countDocuments()).toBe(0)
  expect(await titles()).toEqual(['one', 'two'])
  expect(await queries.byId(one)).toMatchObject({ title: 'one' })

  slow.release()
  await told('served', rename(one, 'uno'))
  expect(await titles()).toEqual(['two', 'uno'])
  const kept = await mongo.db.collection('tasks').find({}).toArray()
  expect(kept.map(({ title, version }) => [title, version]).sort()).toEqual([
    ['two', 1],
    ['uno', 2],
  ])
  await mongo.db.collection('tasks').updateOne({ title: 'two' }, { $set: { title: 'seen in MongoDB' } })
  const seen = async () => (await openTaskStore(parts.sql, mongo.reader)).byId(two)
  await expect.poll(seen, PATIENT).toMatchObject({ title: 'seen in MongoDB' })
})

test('what was cached of a MongoDB that was behind is not shown once it is told that it is not any more', async () => {
  const one = newId()
  await start(mongo.projection)
  await told('decided', begin[0])
  await told('decided', begin[1])
  await told('served', create(one, 'old'))
  const { queries, titles } = await readers()
  await expect.poll(cursors, PATIENT).toBe(12)
  expect(await titles()).toEqual(['old'])
  await stop()

  // The next owner decides a change that MongoDB does not get, and dies.
  const down = held(mongo.projection)
  await start(down.projection)
  await told('decided', rename(one, 'new'))
  await expect.poll(() => down.apply.mock.calls.length, PATIENT).toBeGreaterThan(0)
  await stop()

  const slow = held(mongo.projection)
  await start(slow.projection)
  await expect.poll(() => slow.apply.mock.calls.some(([changes]) => changes.length > 0), PATIENT).toBe(true)
  expect(await queries.byId(one)).toMatchObject({ title: 'old' }) // not told yet, and cached now
  expect(await titles()).toEqual(['old'])
  slow.release()
  await told('served', commandOf('task.move', newId(), { state: 'done' }, { root: project, actor }))
  expect(await queries.byId(one)).toMatchObject({ title: 'new' })
  expect(await titles()).toEqual(['new'])
})

test('an installation whose MongoDB is taken away is served from its tables, all of it', async () => {
  const one = newId()
  await start(mongo.projection)
  await told('decided', begin[0])
  await told('decided', begin[1])
  await told('served', create(one, 'old'))
  await stop()
  const down = held(mongo.projection)
  await start(down.projection)
  const change = rename(one, 'new')
  const positions = await append(change)
  expect(await parts.watermarks.reach(positions, 'decided', 20_000)).toBe(true)
  await stop()
  expect(await parts.watermarks.reach(positions, 'served', 0)).toBe(false)

  await start(null)
  expect(await parts.watermarks.reach(positions, 'served', 20_000)).toBe(true)
  const queries = taskQueries(await openTaskStore(parts.sql, undefined), parts.reads)
  expect(await queries.byId(one)).toMatchObject({ title: 'new' })
})

test('a MongoDB that loses its data under running processes is not read until it is filled again, of itself', async () => {
  const [one, two, three] = [newId(), newId(), newId()]
  const filling = gate()
  let lost = false
  await start({
    ...mongo.projection,
    async apply(changes) {
      if (lost) await filling.passed
      await mongo.projection.apply(changes)
    },
  })
  await told('decided', begin[0])
  await told('decided', begin[1])
  await told('served', create(one, 'one'), create(two, 'two'))
  const { queries, titles } = await readers()
  const listed = async (limit: number) => (await queries.list(project, Mine.parse({ limit }))).items.length
  await expect.poll(cursors, PATIENT).toBe(12)
  await expect.poll(() => listed(90), PATIENT).toBe(2)

  lost = true
  await mongo.db.dropDatabase()
  // Pages that nobody has asked for yet, at once, and then as they are cached.
  for (let nth = 0; nth < 2; nth++) {
    expect(await Promise.all([10, 11, 12, 13].map(listed))).toEqual([2, 2, 2, 2])
    expect(await queries.byId(one)).toMatchObject({ title: 'one' })
  }
  filling.open()
  await told('served', create(three, 'three'))
  expect(await titles()).toEqual(['one', 'three', 'two'])
  const kept = async () => (await mongo.db.collection('tasks').find({}).toArray()).map(({ title }) => title).sort()
  expect(await kept()).toEqual(['one', 'three', 'two'])
  await expect.poll(cursors, PATIENT).toBe(12)
})
