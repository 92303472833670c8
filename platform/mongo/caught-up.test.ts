import { describe, expect, test } from 'vitest'
import { createSimulatedClock } from '../commands/clock.testing.ts'
import { gate } from '../reads/reading.testing.ts'
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
  return { clock, asked, cursors, ...createCaughtUp(sql, cursors, clock) }
}

test('not while a partition is missing, even one of which nothing was told, or is behind', async () => {
  expect(await world([0, 0], new Map()).lately()).toBe(false)
  expect(await world([0, 5], new Map([[1, 5]])).lately()).toBe(false)
  expect(
    await world(
      [0, 5],
      new Map([
        [0, 9],
        [1, 4],
      ]),
    ).lately(),
  ).toBe(false)
})

test('once all are there, or further, asked again now and then: until they are lost', async () => {
  const here = new Map([
    [0, 3],
    [1, 4],
  ])
  const { clock, asked, lately } = world([3, 5], here)
  expect(await lately()).toBe(false)
  here.set(1, 6)
  expect(await lately()).toBe(false) // it is not asked again at once
  await clock.pass(250)
  expect(await lately()).toBe(true)
  here.clear()
  await clock.pass(249)
  expect(await lately()).toBe(true)
  expect(asked).toEqual({ sql: 2, mongo: 2 })
  await clock.pass(1)
  expect(await lately()).toBe(false)
})

test('many who ask at once are answered by one look', async () => {
  const { asked, lately } = world([0], new Map())
  await Promise.all(Array.from({ length: 50 }, lately))
  expect(asked).toEqual({ sql: 1, mongo: 1 })
})

test('a store that does not answer is as it was, at first a no, and no error', async () => {
  const { clock, cursors, lately } = world([0], new Map([[0, 0]]))
  const { all } = cursors
  cursors.all = async () => Promise.reject(new Error('down'))
  expect(await lately()).toBe(false)
  cursors.all = all
  await clock.pass(250)
  expect(await lately()).toBe(true)
  cursors.all = async () => Promise.reject(new Error('down'))
  await clock.pass(250)
  expect(await lately()).toBe(true) // its own reads will say so
})

describe('asked after a read', () => {
  test('it looks again, whenever it has looked before, and what it sees is believed from then on', async () => {
    const here = new Map([[0, 3]])
    const { asked, lately, still } = world([3], here)
    expect([await lately(), await still()]).toEqual([true, true])
    here.set(0, 2)
    expect(await still()).toBe(false)
    expect(await lately()).toBe(false)
    expect(asked).toEqual({ sql: 1, mongo: 3 })
  })

  test('nobody is answered by a look that began before, and those who wait share the next', async () => {
    const here = new Map([[0, 3]])
    const { asked, lately, still, cursors } = world([3], here)
    await lately()
    const slow = gate()
    cursors.all = async () => {
      asked.mongo++
      const seen = new Map(here)
      await slow.passed
      return seen
    }
    const before = still()
    here.clear()
    const after = Array.from({ length: 20 }, still)
    slow.open()
    expect(await before).toBe(true)
    expect(new Set(await Promise.all(after))).toEqual(new Set([false]))
    expect(asked.mongo).toBe(3)
  })

  test('what was told while it looked does not make it seem behind', async () => {
    const told = [3]
    const here = new Map([[0, 3]])
    const { clock, lately, still, cursors } = world(told, here)
    await lately()
    const { all } = cursors
    const slow = gate()
    cursors.all = async () => {
      cursors.all = all
      const seen = new Map(here)
      await slow.passed
      return seen
    }
    const looks = still()
    told[0] = 4
    here.set(0, 4)
    await clock.pass(250)
    expect(await lately()).toBe(true)
    slow.open()
    expect(await looks).toBe(true)
  })

  test('a store that does not answer is an error: what was read may be nothing', async () => {
    const { lately, still, cursors } = world([0], new Map([[0, 0]]))
    await lately()
    cursors.all = async () => Promise.reject(new Error('down'))
    await expect(still()).rejects.toThrow('down')
  })
})
