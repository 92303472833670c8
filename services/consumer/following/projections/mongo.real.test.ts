import fc from 'fast-check'
import type { Collection, Db, Document } from 'mongodb'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import type { Entity } from '../../../../platform/commands/command.ts'
import { hashedId } from '../../../../platform/ids.ts'
import { entities } from '../../entities.ts'
import { scratchMongo } from '../../stores.testing.ts'
import { createMongoProjection } from './mongo.ts'

const { db, projection, save, drop } = scratchMongo()
const tasks = db.collection<Entity & { _id: string }>('tasks')
afterAll(drop)
beforeEach(async () => {
  await tasks.deleteMany({})
})

/** A version of one of many tasks; its content says which it is. */
const version = (nth: number, of = 1): Entity & { title: string } => ({
  id: hashedId('task', String(of)),
  version: nth,
  title: `version ${nth}`,
  createdAt: '2026-01-01T09:00:00.000Z',
  updatedAt: '2026-01-01T09:00:00.000Z',
})
const kept = async () => {
  const found = await tasks.find({}).toArray()
  return new Map(found.map(({ _id, ...entity }) => [_id, entity]))
}
const definition = entities.find(({ kind }) => kind === 'task')!
const changesOf = (...all: Entity[]) => all.map((entity) => ({ definition, entity }))

describe('what is applied', () => {
  test('is there as it was given, under its id', async () => {
    await save('task', [version(1, 1), version(1, 2)])
    expect(await kept()).toEqual(new Map([version(1, 1), version(1, 2)].map((one) => [one.id, one])))
  })

  test('replaces what is older, whole, and nothing else', async () => {
    await save('task', [{ ...version(2), extra: true } as Entity])
    await save('task', [version(1)])
    expect((await kept()).get(version(1).id)).toEqual({ ...version(2), extra: true })
    await save('task', [{ ...version(2), title: 'of another world' } as Entity])
    expect((await kept()).get(version(1).id)).toEqual({ ...version(2), extra: true })
    await save('task', [version(3)])
    expect((await kept()).get(version(1).id)).toEqual(version(3))
  })

  test('once in several versions is there in the last', async () => {
    await save('task', [version(1), version(3), version(2)])
    expect((await kept()).get(version(1).id)).toEqual(version(3))
  })

  test('in any order, any number of times, ends in the last versions', async () => {
    const change = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 4 }))
    const batches = fc.array(fc.array(change, { maxLength: 8 }), { minLength: 1, maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(batches, async (all) => {
        await tasks.deleteMany({})
        for (const batch of all) {
          await save(
            'task',
            batch.map(([nth, of]) => version(nth, of)),
          )
        }
        const last = new Map<string, Entity>()
        for (const [nth, of] of all.flat()) {
          if (nth > (last.get(version(1, of).id)?.version ?? 0)) last.set(version(1, of).id, version(nth, of))
        }
        expect(await kept()).toEqual(last)
      }),
      { numRuns: 30 },
    )
  })

  test('may be a large batch: all of it new, and then all of it changed', async () => {
    const many = Array.from({ length: 300 }, (_, of) => of)
    await save(
      'task',
      many.map((of) => version(1, of)),
    )
    await save(
      'task',
      many.map((of) => version(2, of)),
    )
    expect([...(await kept()).values()].map((one) => one.version)).toEqual(many.map(() => 2))
  })

  test('nothing at all is fine', async () => {
    await save('task', [])
    expect((await kept()).size).toBe(0)
  })
})

describe('two owners at once', () => {
  /** A projection that is overtaken between its look and its write. */
  const overtakenBy = (write: 'insertMany' | 'bulkWrite', ...others: Entity[]) => {
    const overtaken = (collection: Collection<Document>) =>
      new Proxy(collection, {
        get(target, name) {
          const method = (target[name as 'find'] as (...given: unknown[]) => unknown).bind(target)
          if (name !== write) return method
          return async (...given: unknown[]) => {
            await save('task', others.splice(0))
            return method(...given)
          }
        },
      })
    const overtakenDb = new Proxy(db, {
      get: (target, name) =>
        name === 'collection' ? (table: string) => overtaken(target.collection(table)) : target[name as keyof Db],
    })
    return createMongoProjection(overtakenDb, entities)
  }

  test.each([
    ['the first', 0],
    ['one in the middle', 1],
    ['the last', 3],
  ])('an older insert of %s is replaced, a newer one is left, the others are inserted', async (_, nth) => {
    const batch = [1, 2, 3, 4].map((of) => version(2, of))
    await overtakenBy('insertMany', version(1, nth + 1)).apply(changesOf(...batch))
    expect([...(await kept()).values()].map((one) => one.version)).toEqual([2, 2, 2, 2])

    await tasks.deleteMany({})
    await overtakenBy('insertMany', version(3, nth + 1)).apply(changesOf(...batch))
    const versions = await kept()
    expect(batch.map(({ id }) => versions.get(id)?.version)).toEqual(batch.map((_, at) => (at === nth ? 3 : 2)))
  })

  test('all of them were inserted by the other one', async () => {
    const batch = [1, 2, 3].map((of) => version(2, of))
    await overtakenBy('insertMany', ...batch).apply(changesOf(...batch))
    expect((await kept()).size).toBe(3)
  })

  test('what a former owner has looked at, and writes after the new one, changes nothing', async () => {
    const [before, late, newer] = [1, 2, 3].map((nth) => [1, 2].map((of) => version(nth, of)))
    await save('task', before!)
    await overtakenBy('bulkWrite', newer![0]!).apply(changesOf(...late!))
    const versions = await kept()
    expect([newer![0], late![1]].map((one) => versions.get(one!.id))).toEqual([newer![0], late![1]])
  })

  test('the same of both is there once, and is nobody’s error', async () => {
    const batch = Array.from({ length: 20 }, (_, of) => version(1, of))
    await Promise.all([1, 2, 3].map(() => save('task', batch)))
    expect((await kept()).size).toBe(20)
  })
})

test('a duplicate that is no id is an error, and is not passed over', async () => {
  const { db: other, save: saveOther, drop: dropOther } = scratchMongo()
  try {
    await other.collection('tasks').createIndex({ title: 1 }, { unique: true })
    await expect(saveOther('task', [version(1, 1), version(1, 2)])).rejects.toMatchObject({ code: 11000 })
  } finally {
    await dropOther()
  }
})

test('the indexes are made once, by whoever comes first', async () => {
  await Promise.all([projection.prepare(), projection.prepare()])
  await createMongoProjection(db, entities).prepare()
  const names = (await tasks.indexes()).map(({ name }) => name)
  expect(names).toEqual(expect.arrayContaining(['by_age', 'by_number', 'by_assignee']))
})
