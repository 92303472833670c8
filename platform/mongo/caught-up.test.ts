import { expect, test } from 'vitest'
import { createSimulatedClock } from '../commands/clock.testing.ts'
import type { Queryable } from '../sql/port.ts'
import { createCaughtUp } from './caught-up.ts'

/** A database that has told so much of each partition, and a MongoDB that has so much of them. */
function world(told: number[], here: Map<number, number>) {
  const clock = createSimulatedClock()
  const asked = { sql: 0, mongo: 0 }
  const sql = {
    async query() {
      asked.sql++
      return told.map((served, partition) => ({ partition, served }))
    },
  } as unknown as Queryable
  const cursors = {
    async all() {
      asked.mongo++
      return here
    },
  }
  return { clock, asked, cursors, caughtUp: createCaughtUp(sql, cursors, clock) }
}

test('not while a partition is missing, even one of which nothing was told, or is behind', async () => {
  expect(await world([0, 0], new Map()).caughtUp()).toBe(false)
  expect(await world([0, 5], new Map([[1, 5]])).caughtUp()).toBe(false)
  expect(
    await world(
      [0, 5],
      new Map([
        [0, 9],
        [1, 4],
      ]),
    ).caughtUp(),
  ).toBe(false)
})

test('once all are there, or further, asked again now and then: until they are lost', async () => {
  const here = new Map([
    [0, 3],
    [1, 4],
  ])
  const { clock, asked, caughtUp } = world([3, 5], here)
  expect(await caughtUp()).toBe(false)
  here.set(1, 6)
  expect(await caughtUp()).toBe(false) // it is not asked again at once
  await clock.pass(250)
  expect(await caughtUp()).toBe(true)
  here.clear()
  await clock.pass(249)
  expect(await caughtUp()).toBe(true)
  expect(asked).toEqual({ sql: 2, mongo: 2 })
  await clock.pass(1)
  expect(await caughtUp()).toBe(false)
})

test('many who ask at once are answered by one look', async () => {
  const { asked, caughtUp } = world([0], new Map())
  await Promise.all(Array.from({ length: 50 }, caughtUp))
  expect(asked).toEqual({ sql: 1, mongo: 1 })
})

test('a store that does not answer is as it was, at first a no, and no error', async () => {
  const { clock, cursors, caughtUp } = world([0], new Map([[0, 0]]))
  const { all } = cursors
  cursors.all = async () => Promise.reject(new Error('down'))
  expect(await caughtUp()).toBe(false)
  cursors.all = all
  await clock.pass(250)
  expect(await caughtUp()).toBe(true)
  cursors.all = async () => Promise.reject(new Error('down'))
  await clock.pass(250)
  expect(await caughtUp()).toBe(true) // its own reads will say so
})
