import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createSimulatedClock, settled } from '../../../platform/commands/clock.testing.ts'
import { PARTITIONS } from '../../../platform/log/port.ts'
import type { Sql } from '../../../platform/sql/port.ts'
import { emptied, testDatabase } from '../fixture.testing.ts'
import { createPublished } from './publish.ts'

const nothing = new Array<number>(PARTITIONS).fill(0)
const never = () => new AbortController().signal

describe('no effect before its cause: what must be on events first', () => {
  let database: { sql: Sql; drop(): Promise<void> }
  let sql: Sql
  let reads: number

  beforeAll(async () => {
    database = await testDatabase()
  })
  beforeEach(async () => {
    await emptied(database.sql)
    reads = 0
    sql = {
      ...database.sql,
      async query(...given) {
        reads++
        return database.sql.query(...given)
      },
    }
  })
  afterAll(() => database.drop())

  const moveElsewhere = (partition: number, published: number) =>
    database.sql.query('UPDATE consumer_progress SET published = $2 WHERE partition = $1', [partition, published])

  async function isDone(work: Promise<unknown>): Promise<boolean> {
    let done = false
    void work.then(
      () => {
        done = true
      },
      () => undefined,
    )
    await database.sql.query('SELECT 1')
    await settled()
    return done
  }

  test('nothing is waited for where nothing is needed, nor asked', async () => {
    const published = createPublished(sql, createSimulatedClock())
    await published.wait(nothing, never())
    published.reached(3, 5)
    await published.wait(nothing.with(3, 5), never())
    expect(reads).toBe(0)
  })

  test('all of it, and no less', async () => {
    const clock = createSimulatedClock()
    const published = createPublished(sql, clock)
    const waiting = published.wait(nothing.with(3, 5).with(4, 1), never())
    published.reached(3, 4)
    published.reached(4, 9)
    await clock.pass(100)
    expect(await isDone(waiting)).toBe(false)
    published.reached(3, 5)
    await clock.pass(20)
    expect(await isDone(waiting)).toBe(true)
  })

  test('what this process appends is known at once, what others append is looked up', async () => {
    const clock = createSimulatedClock()
    const published = createPublished(sql, clock)
    const own = published.wait(nothing.with(1, 1), never())
    await settled()
    published.reached(1, 1)
    await own
    expect(reads).toBe(0)
    const theirs = published.wait(nothing.with(2, 7), never())
    await clock.pass(50)
    await moveElsewhere(2, 7)
    await expect.poll(async () => clock.pass(20).then(() => isDone(theirs))).toBe(true)
  })

  test('nothing is looked up while this process appends: what is lacking may be its own', async () => {
    const clock = createSimulatedClock()
    const published = createPublished(sql, clock)
    const waiting = published.wait(nothing.with(1, 9), never())
    for (let end = 1; end < 9; end++) {
      await clock.pass(15)
      published.reached(1, end)
    }
    await clock.pass(15)
    expect(reads).toBe(0)
    published.reached(1, 9)
    await waiting
    expect([reads, clock.sleepers]).toEqual([0, 0])
  })

  test('a former owner that knows less takes nothing back', async () => {
    const published = createPublished(sql, createSimulatedClock())
    published.reached(1, 5)
    published.reached(1, 2)
    await published.wait(nothing.with(1, 5), never())
    expect(reads).toBe(0)
  })

  test('many who wait look together', async () => {
    const clock = createSimulatedClock()
    const published = createPublished(sql, clock)
    const waiting = Array.from({ length: PARTITIONS }, (_, p) => published.wait(nothing.with(p, 1), never()))
    await clock.pass(20)
    await database.sql.query('UPDATE consumer_progress SET published = 1')
    await expect.poll(async () => clock.pass(20).then(() => isDone(Promise.all(waiting)))).toBe(true)
    expect(reads).toBeLessThan(PARTITIONS)
  })

  test('a look that fails is told, and does not stop the next', async () => {
    const clock = createSimulatedClock()
    let failing = true
    const flaky: Sql = {
      ...sql,
      async query(...given) {
        if (failing) throw new Error('gone')
        return sql.query(...given)
      },
    }
    const published = createPublished(flaky, clock)
    const refused = expect(published.wait(nothing.with(1, 1), never())).rejects.toThrow('gone')
    await clock.pass(20)
    await refused
    failing = false
    await moveElsewhere(1, 1)
    const waiting = published.wait(nothing.with(1, 1), never())
    await expect.poll(async () => clock.pass(20).then(() => isDone(waiting))).toBe(true)
  })

  test('whoever is stopped waits no longer', async () => {
    const clock = createSimulatedClock()
    const published = createPublished(sql, clock)
    const stop = new AbortController()
    const waiting = published.wait(nothing.with(1, 1), stop.signal)
    stop.abort(new Error('stopped'))
    await expect(waiting).rejects.toThrow('stopped')
    expect(clock.sleepers).toBe(0)
  })
})
