import { randomUUID } from 'node:crypto'
import process from 'node:process'
import { afterAll, expect, test } from 'vitest'
import { resolve } from '../errors/resolve.ts'
import { openMongo } from './connection.ts'
import { mongoCursors } from './cursors.ts'

const own = new URL(process.env.MONGO_URL!)
own.pathname = `/scratch_${randomUUID().replaceAll('-', '')}`
const { db, close } = openMongo({ url: own.href })
const cursors = mongoCursors(db)
afterAll(async () => {
  await db.dropDatabase()
  await close()
})

test('a partition that was never seen has none', async () => {
  expect(await cursors.of(3)).toBeNull()
  await cursors.move(3, 0)
  expect(await cursors.of(3)).toBe(0)
  expect(await cursors.of(4)).toBeNull()
})

test('they move on and never back', async () => {
  await cursors.move(5, 10)
  await cursors.move(5, 7)
  await cursors.move(5, 10)
  expect(await cursors.of(5)).toBe(10)
  await cursors.move(5, 2 ** 40)
  expect((await cursors.all()).get(5)).toBe(2 ** 40)
})

test('two owners who write the first one at once are both right', async () => {
  await Promise.all([1, 2, 3, 4].map(() => cursors.move(6, 19)))
  expect(await cursors.of(6)).toBe(19)
})

test('a server that is not there is an outage and no fault: 503', async () => {
  const absent = openMongo({ url: 'mongodb://127.0.0.1:1/x', connectMs: 100 })
  try {
    const error: unknown = await mongoCursors(absent.db)
      .of(1)
      .catch((thrown: unknown) => thrown)
    expect(resolve(error)).toMatchObject({ code: 'store.unavailable', status: 503 })
  } finally {
    await absent.close()
  }
})
