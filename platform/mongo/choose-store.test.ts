import { expect, test } from 'vitest'
import type { Queryable } from '../sql/port.ts'
import { chooseStore } from './choose-store.ts'
import type { MongoReader } from './reader.ts'

/** One partition of which 5 was told, and a MongoDB that has so much of it. */
function world(at: number | null) {
  const mongo = { at }
  const sql = { query: async () => [{ partition: 0, served: 5 }] } as unknown as Queryable
  const found = async () => (mongo.at === null ? [] : [{ partition: 0, served: mongo.at }])
  const db = { collection: () => ({ find: () => ({ toArray: found }) }) } as unknown as MongoReader['db']
  const read = chooseStore(sql, { db, read: (call) => call() }, { table: 'the table', collection: 'MongoDB' })
  return { mongo, read, ask: () => read(async (store) => store) }
}

test('MongoDB is read where it holds everything, the table where it does not', async () => {
  expect(await world(5).ask()).toBe('MongoDB')
  expect(await world(4).ask()).toBe('the table')
  expect(await world(null).ask()).toBe('the table')
})

test.each([null, 4])(
  'rule 11 of decision 5: what was read of one that lost its data (%j) is not answered',
  async (left) => {
    const { mongo, read, ask } = world(5)
    expect(await ask()).toBe('MongoDB')
    const stores: string[] = []
    const answer = await read(async (store) => {
      stores.push(store)
      mongo.at = left
      return store
    })
    expect(answer).toBe('the table')
    expect(stores).toEqual(['MongoDB', 'the table'])
    expect(await ask()).toBe('the table')
  },
)
