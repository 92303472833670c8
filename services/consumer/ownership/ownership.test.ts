import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createSimulatedClock, type SimulatedClock, settled } from '../../../platform/commands/clock.testing.ts'
import { type Sql, SqlError } from '../../../platform/sql/port.ts'
import { emptied, testDatabase } from '../fixture.testing.ts'
import { Fenced, own } from './ownership.ts'
import { readProgress } from './progress.ts'

const never = {
  get signal() {
    return new AbortController().signal
  },
}

describe('ownership', () => {
  let database: { sql: Sql; drop(): Promise<void> }
  let sql: Sql
  let clock: SimulatedClock

  beforeAll(async () => {
    database = await testDatabase()
    sql = database.sql
  })
  beforeEach(async () => {
    await emptied(sql)
    clock = createSimulatedClock()
  })
  afterAll(() => database.drop())

  const take = (on: Sql = sql) => own(0, { sql: on, clock, settleMs: 500 })
  const epochInDatabase = async () => (await readProgress(sql, 0)).epoch

  /** True once it has come true, without time that passes. */
  async function doneNow(work: Promise<unknown>): Promise<boolean> {
    let done = false
    void work.then(
      () => {
        done = true
      },
      () => undefined,
    )
    await sql.query('SELECT 1') // behind whatever was asked before it: there is one connection
    await settled()
    return done
  }

  test('a takeover raises the epoch to the clock, even, and beyond what it was', async () => {
    const first = await take()
    expect(first.epoch()).toBe(clock.now())
    const second = await take()
    expect(second.epoch()).toBe(clock.now() + 2)
    await clock.pass(3)
    expect((await take()).epoch()).toBe(clock.now() + 1) // even
    expect((await take()).epoch() % 2).toBe(0)
  })

  test('a takeover by an owner without a cache is odd: readers that have one leave it alone', async () => {
    await take()
    const without = await own(0, { sql, clock, settleMs: 500, shut: true })
    expect(without.epoch() % 2).toBe(1)
    expect((await take()).epoch() % 2).toBe(0)
  })

  test('an epoch never goes back, whatever the clock does', async () => {
    const before = (await take()).epoch()
    clock = createSimulatedClock(Date.UTC(1999, 0, 1))
    const owner = await take()
    expect(owner.epoch()).toBeGreaterThan(before)
    expect(await owner.raise(false)).toBeGreaterThan(before)
  })

  test('a raise is odd where the cache is shut and even where it is open', async () => {
    const owner = await take()
    let last = owner.epoch()
    for (const shut of [true, true, false, false, true, false]) {
      const raised = await owner.raise(shut)
      expect(raised).toBeGreaterThan(last)
      expect(raised % 2).toBe(shut ? 1 : 0)
      expect(await epochInDatabase()).toBe(raised)
      expect(owner.epoch()).toBe(raised)
      last = raised
    }
  })

  test('a former owner moves, raises, decides and learns nothing', async () => {
    const former = await take()
    await clock.pass(500)
    const owner = await take()
    await expect(former.move({ decided: 5 }, never.signal)).rejects.toThrow(Fenced)
    await expect(former.raise(true)).rejects.toThrow(Fenced)
    await expect(former.row()).rejects.toThrow(Fenced)
    expect(await former.deciding(async (epoch) => epoch)).not.toBe(owner.epoch())
    expect(await readProgress(sql, 0)).toMatchObject({ epoch: owner.epoch(), decided: 0 })
  })

  test('two owners that wake in turns: each is fenced by the other, the last has it', async () => {
    const owners = [await take()]
    for (let n = 0; n < 10; n++) owners.push(await take())
    await clock.pass(500)
    const moved = await Promise.allSettled(owners.map((owner, n) => owner.move({ published: n }, never.signal)))
    expect(moved.map(({ status }) => status)).toEqual([...Array(10).fill('rejected'), 'fulfilled'])
    expect((await readProgress(sql, 0)).published).toBe(10)
  })

  test('no mark moves before two polls have passed since the takeover', async () => {
    const owner = await take()
    const moved = owner.move({ decided: 1 }, never.signal)
    await clock.pass(499)
    expect(await doneNow(moved)).toBe(false)
    await clock.pass(1)
    await moved
    expect((await readProgress(sql, 0)).decided).toBe(1)
  })

  test('no mark moves before two polls have passed since the last raise, be it made while the mark waits', async () => {
    const owner = await take()
    const moved = owner.move({ decided: 1 }, never.signal)
    await clock.pass(400)
    await owner.raise(true)
    await clock.pass(400)
    expect(await doneNow(moved)).toBe(false)
    await clock.pass(100)
    await moved
  })

  test('a raise that gets its turn before a mark that has waited makes it wait again', async () => {
    const owner = await take()
    await clock.pass(500)
    let release = () => {}
    const busy = owner.deciding(() => new Promise<void>((resolve) => (release = resolve)))
    const raised = owner.raise(false)
    const moved = owner.move({ decided: 1 }, never.signal)
    await settled()
    release()
    await busy
    await raised
    expect(await doneNow(moved)).toBe(false)
    await clock.pass(500)
    await moved
  })

  test('opening needs no wait: nobody used the cache while it was shut', async () => {
    const owner = await take()
    await clock.pass(500)
    await owner.raise(true)
    await clock.pass(250)
    await owner.raise(false)
    const moved = owner.move({ served: 1 }, never.signal)
    await clock.pass(250)
    await moved
  })

  test('whoever is stopped waits no longer', async () => {
    const owner = await take()
    const stop = new AbortController()
    const moved = owner.move({ decided: 1 }, stop.signal)
    stop.abort(new Error('stopped'))
    await expect(moved).rejects.toThrow('stopped')
    expect(clock.sleepers).toBe(0)
  })

  test('cursors only grow', async () => {
    const owner = await take()
    await clock.pass(500)
    await owner.move({ published: 5, decided: 4, served: 3 }, never.signal)
    await owner.move({ published: 1, decided: 1, served: 4 }, never.signal)
    expect(await readProgress(sql, 0)).toMatchObject({ published: 5, decided: 4, served: 4 })
  })

  test('moves, raises and decisions at once do not fence their own owner', async () => {
    const owner = await take()
    await clock.pass(500)
    const work = Array.from({ length: 30 }, (_, n) => [
      owner.raise(n % 2 === 0),
      owner.deciding(async (epoch) => expect(await epochInDatabase()).toBe(epoch)),
      owner.row(),
      owner.move({ decided: n }, never.signal),
    ]).flat()
    const all = Promise.all(work)
    await expect.poll(async () => clock.pass(500).then(() => doneNow(all))).toBe(true)
    expect((await readProgress(sql, 0)).decided).toBe(29)
  })

  test('after a raise whose answer was lost the owner does nothing more under an epoch that it does not know', async () => {
    let lose = false
    const lossy: Sql = {
      ...sql,
      async query(text, params, name) {
        const rows = await sql.query(text, params, name)
        if (lose) throw new SqlError('gone', '08006')
        return rows as never
      },
    }
    const owner = await take(lossy)
    await clock.pass(500)
    lose = true
    await expect(owner.raise(true)).rejects.toThrow('gone')
    lose = false
    await expect(owner.move({ decided: 1 }, never.signal)).rejects.toThrow(Fenced)
    await expect(owner.row()).rejects.toThrow(Fenced)
  })

  test('a partition that the table does not have is a sentence', async () => {
    await expect(own(99, { sql, clock, settleMs: 0 })).rejects.toThrow('npm run migrate')
  })
})
