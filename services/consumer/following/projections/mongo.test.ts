import { expect, test } from 'vitest'
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
