import { describe, expect, test } from 'vitest'
import type { Entity } from '../../../../platform/commands/command.ts'
import { createMongoProjection } from './mongo.ts'

test('says why MongoDB cannot be reached, and is prepared when it can', async () => {
  const db = { collection: () => ({}) } as never
  const indexed: string[] = []
  const definition = { table: 'tasks', indexMongo: async () => void indexed.push('tasks') }
  let away: Error | undefined = new Error('connect ECONNREFUSED')
  const mongo = createMongoProjection(db, [definition as never], async () => {
    if (away) throw away
  })
  await expect(mongo.prepare()).rejects.toBe(away)
  expect(indexed).toEqual([])
  away = undefined
  await Promise.all([mongo.prepare(), mongo.prepare()])
  expect(indexed).toEqual(['tasks'])
  await mongo.prepare() // MongoDB may be another one by now
  expect(indexed).toEqual(['tasks', 'tasks'])
})

describe('a primary whose writes reach no majority', () => {
  type Stored = { _id: string; version: number }

  /** A collection as its primary has it, and as the majority has it; cut off, the primary acknowledges nothing more. */
  function replicaSet() {
    const primary = new Map<string, Stored>()
    const majority = new Map<string, Stored>()
    const set = { cut: false, primary, majority }
    const copy = (from: Map<string, Stored>, to: Map<string, Stored>) => {
      to.clear()
      for (const [id, document] of from) to.set(id, document)
    }
    /** What every write waits for, one that was refused or changed nothing too: that the majority has what it met. */
    const acknowledge = () => {
      if (set.cut) throw new Error('connection timed out')
      copy(primary, majority)
    }
    const collection = {
      find: ({ _id: { $in } }: { _id: { $in: string[] } }, options?: { readConcern?: { level: string } }) => ({
        async toArray() {
          const view = options?.readConcern?.level === 'majority' ? majority : primary
          return $in.flatMap((id) => view.get(id) ?? [])
        },
      }),
      async insertMany(documents: readonly Stored[]) {
        const refused = documents.filter(({ _id }) => primary.has(_id))
        for (const document of documents) if (!refused.includes(document)) primary.set(document._id, document)
        acknowledge()
        if (refused.length > 0) throw Object.assign(new Error('E11000'), { writeErrors: [{ code: 11000 }] })
      },
      async bulkWrite(operations: readonly { replaceOne: { replacement: Stored } }[]) {
        for (const { replaceOne } of operations) {
          const { replacement } = replaceOne
          const there = primary.get(replacement._id)
          if (there && there.version < replacement.version) primary.set(replacement._id, replacement)
        }
        acknowledge()
      },
    }
    const projection = createMongoProjection({ collection: () => collection } as never, [])
    return {
      set,
      /** Another one becomes primary, with what the majority has. */
      failOver() {
        copy(majority, primary)
        set.cut = false
      },
      save: (...versions: number[]) =>
        projection.apply(
          versions.map((version, of) => ({
            definition: { table: 'tasks' } as never,
            entity: { id: `task ${of}`, version } as Entity,
          })),
        ),
    }
  }
  const versions = (of: Map<string, Stored>) => [...of.values()].map(({ version }) => version)

  test.each([
    ['new', [], [1, 1]],
    ['changed', [1, 1], [2, 2]],
    ['in part new', [1], [2, 1]],
  ])('is not taken at its word when what is %s is tried again', async (_, before, after) => {
    const { set, save, failOver } = replicaSet()
    await save(...before)
    set.cut = true
    for (let attempt = 0; attempt < 3; attempt++) await expect(save(...after)).rejects.toThrow('timed out')
    expect(versions(set.primary)).not.toEqual(before)
    failOver()
    expect(versions(set.primary)).toEqual(before)
    await save(...after)
    expect(versions(set.majority)).toEqual(after)
  })

  test('and has them acknowledged in the end, has been told of them once', async () => {
    const { set, save } = replicaSet()
    await save(1)
    set.cut = true
    await expect(save(2, 1)).rejects.toThrow('timed out')
    set.cut = false
    await save(2, 1)
    expect(versions(set.majority)).toEqual([2, 1])
  })
})
