import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Entity } from '../../../platform/commands/command.ts'
import { hashedId } from '../../../platform/ids.ts'
import { partitionOf } from '../../../platform/log/partition.ts'
import type { Sql } from '../../../platform/sql/port.ts'
import { entities } from '../entities.ts'
import { testDatabase } from '../fixture.testing.ts'
import { Fenced } from '../ownership/ownership.ts'
import type { ProgressRow } from '../ownership/progress.ts'
import { saveInto, scratchMongo } from '../stores.testing.ts'
import { servedFrom } from './catch-up.ts'

let database: Awaited<ReturnType<typeof testDatabase>>
let sql: Sql
beforeAll(async () => {
  database = await testDatabase()
  sql = database.sql
})
afterAll(() => database?.drop())

let mongo: ReturnType<typeof scratchMongo>
beforeEach(async () => {
  mongo = scratchMongo()
  await sql.script('DELETE FROM tasks; DELETE FROM documents; DELETE FROM outcomes')
})
afterEach(() => mongo.drop())

const luna = hashedId('luna')
const partition = partitionOf(luna)
const elsewhere = Array.from({ length: 50 }, (_, nth) => hashedId('project', String(nth))).find(
  (id) => partitionOf(id) !== partition,
)!

const at = '2026-01-01T09:00:00.000Z'
const task = (nth: number, more: object = {}) =>
  ({
    id: hashedId('task', String(nth)),
    version: 1,
    projectId: luna,
    number: nth,
    createdAt: at,
    updatedAt: at,
    ...more,
  }) as Entity
const document = (nth: number, data: object, more: object = {}) =>
  ({
    id: hashedId('document', String(nth)),
    version: 1,
    ownerId: luna,
    data,
    createdAt: at,
    updatedAt: at,
    ...more,
  }) as Entity

const row = (said: Partial<ProgressRow> = {}): ProgressRow => ({
  ...{ next: 10, epoch: 2, published: 10, decided: 10, served: 10 },
  ...said,
})
const owned = { definitions: entities, stillOwned: async () => undefined }
const ask = (taken = row()) => servedFrom({ ...owned, sql, mongo: mongo.projection }, partition, taken)
const kept = async (table = 'tasks') => {
  const found = await mongo.db.collection<Entity & { _id: string }>(table).find({}).toArray()
  return found.map(({ _id, ...entity }) => entity)
}
const keepOutcome = (position: number) =>
  sql.query(
    `INSERT INTO outcomes (partition, position, command_id, first, hash, entity_id, record, after)
     VALUES ($1, $2, $3, true, '', $3, '{}', '{}')`,
    [partition, position, hashedId('command', String(position))],
  )

describe('a MongoDB that has never seen the partition', () => {
  test('is filled from the tables: with all of this partition, removed ones too, and nothing of another', async () => {
    const own = [task(1), task(2, { version: 7, deleted: true })]
    const notes = [document(1, { 'a.b': [[1]] })]
    await saveInto(sql, 'task', [...own, task(3, { projectId: elsewhere })])
    await saveInto(sql, 'document', [...notes, document(2, {}, { ownerId: elsewhere })])
    expect(await ask()).toEqual({ from: 10, wasBehind: true })
    expect(await kept()).toEqual(expect.arrayContaining(own))
    expect(await kept()).toHaveLength(own.length)
    expect(await kept('documents')).toMatchObject([{ id: notes[0]!.id, version: 1, ownerId: luna }])
    expect(await mongo.projection.cursors.of(partition)).toBe(10)
  })

  test('is filled whole, however much there is', async () => {
    const many = Array.from({ length: 450 }, (_, nth) => task(nth + 1))
    await saveInto(sql, 'task', many)
    await ask()
    expect(new Set((await kept()).map(({ id }) => id))).toEqual(new Set(many.map(({ id }) => id)))
  })

  test('has missed nothing where nothing was told', async () => {
    expect(await ask(row({ next: 0, decided: 0, published: 0, served: 0 }))).toEqual({ from: 0, wasBehind: false })
    expect(await mongo.projection.cursors.of(partition)).toBe(0)
  })

  test('is filled up to what is decided, and goes on from there', async () => {
    expect(await ask(row({ next: 12, decided: 11, served: 9 }))).toEqual({ from: 11, wasBehind: true })
  })
})

describe('a MongoDB that has seen the partition', () => {
  beforeEach(() => saveInto(sql, 'task', [task(1, { version: 3 })]))

  test('goes on from its cursor, and is not filled', async () => {
    await mongo.projection.cursors.begin(partition, 10)
    expect(await ask()).toEqual({ from: 10, wasBehind: false })
    expect(await kept()).toEqual([])
  })

  test('goes on from its cursor also where that is behind, as long as the outcomes are kept', async () => {
    await mongo.projection.cursors.begin(partition, 6)
    await keepOutcome(6)
    expect(await ask()).toEqual({ from: 6, wasBehind: true })
    expect(await ask(row({ served: 6 }))).toEqual({ from: 6, wasBehind: false })
    expect(await kept()).toEqual([])
  })

  test('is filled where the outcomes behind its cursor are kept no longer', async () => {
    await mongo.projection.cursors.begin(partition, 6)
    await keepOutcome(7)
    expect(await ask()).toEqual({ from: 10, wasBehind: true })
    expect(await kept()).toEqual([task(1, { version: 3 })])
    expect(await mongo.projection.cursors.of(partition)).toBe(10)
  })

  describe('and knows of more than was decided: it followed another database', () => {
    beforeEach(() => mongo.projection.cursors.begin(partition, 99))

    test('is filled', async () => {
      expect(await ask()).toEqual({ from: 10, wasBehind: true })
      expect(await kept()).toEqual([task(1, { version: 3 })])
    })

    test('goes on from where it was filled to, also once as much is decided as it knew of', async () => {
      await ask()
      for (const position of [10, 99]) await keepOutcome(position)
      expect(await ask(row({ next: 150, decided: 150, published: 150 }))).toEqual({ from: 10, wasBehind: false })
    })

    test('is not read until it is filled', async () => {
      const seen: (number | null)[] = []
      const watched = {
        ...mongo.projection,
        async apply(changes: Parameters<typeof mongo.projection.apply>[0]) {
          seen.push(await mongo.projection.cursors.of(partition))
          await mongo.projection.apply(changes)
        },
      }
      await servedFrom({ ...owned, sql, mongo: watched }, partition, row())
      expect(new Set(seen)).toEqual(new Set([null]))
      expect(await mongo.projection.cursors.of(partition)).toBe(10)
    })

    test('is left as it is by a former owner: it is its successor that has decided more', async () => {
      const stillOwned = () => Promise.reject(new Fenced(partition))
      const asked = servedFrom({ ...owned, sql, mongo: mongo.projection, stillOwned }, partition, row())
      await expect(asked).rejects.toThrow(Fenced)
      expect(await mongo.projection.cursors.of(partition)).toBe(99)
    })
  })

  test('keeps what is newer there, and gets what is older replaced', async () => {
    await saveInto(sql, 'task', [task(2)])
    await mongo.save('task', [task(1, { version: 2 }), task(2, { version: 5 })])
    await ask()
    expect((await kept()).map(({ version }) => version).sort()).toEqual([3, 5])
  })
})
