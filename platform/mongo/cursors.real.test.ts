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
  await cursors.begin(3, 0)
  expect(await cursors.of(3)).toBe(0)
  expect(await cursors.of(4)).toBeNull()
})

test('begin where they are told, and never before where they are', async () => {
  await cursors.begin(5, 10)
  await cursors.begin(5, 7)
  await cursors.begin(5, 10)
  expect(await cursors.of(5)).toBe(10)
  await cursors.begin(5, 2 ** 40)
  expect((await cursors.all()).get(5)).toBe(2 ** 40)
})

test('move on from where they stand, and never back', async () => {
  await cursors.begin(7, 10)
  expect(await cursors.move(7, 10, 12)).toBe(true)
  expect(await cursors.move(7, 10, 12)).toBe(true) // its answer was lost
  expect(await cursors.move(7, 8, 11)).toBe(true) // a former owner wakes
  expect(await cursors.of(7)).toBe(12)
})

test('do not move over what was lost', async () => {
  await cursors.begin(8, 10)
  expect(await cursors.move(8, 12, 14)).toBe(false)
  expect(await cursors.of(8)).toBe(10)
  expect(await cursors.move(9, 0, 4)).toBe(false)
  expect(await cursors.of(9)).toBeNull()
})

test('are forgotten where they stand, and nowhere else', async () => {
  await cursors.begin(2, 10)
  await cursors.forget(2, 9)
  expect(await cursors.of(2)).toBe(10)
  await cursors.forget(2, 10)
  await cursors.forget(2, 10)
  expect(await cursors.of(2)).toBeNull()
  await cursors.begin(2, 4)
  expect(await cursors.of(2)).toBe(4)
})

test('two owners who write the first one at once are both right', async () => {
  await Promise.all([1, 2, 3, 4].map(() => cursors.begin(6, 19)))
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
