import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createSimulatedClock, settled } from '../../../platform/commands/clock.testing.ts'
import type { Outcome } from '../../../platform/commands/command.ts'
import { newId } from '../../../platform/ids.ts'
import { WRITE_BYTES } from '../../../platform/log/limits.ts'
import { type Log, LogUnavailable, PARTITIONS } from '../../../platform/log/port.ts'
import type { Sql } from '../../../platform/sql/port.ts'
import type { Batch } from '../decide/decide.ts'
import { emptied, testDatabase } from '../fixture.testing.ts'
import { openStage, type Stage } from '../testing/world.testing.ts'
import { createPublished, publish } from './publish.ts'

const nothing = new Array<number>(PARTITIONS).fill(0)
const never = () => new AbortController().signal

let database: { sql: Sql; drop(): Promise<void> }
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.drop())

describe('no effect before its cause: what must be on events first', () => {
  let sql: Sql
  let reads: number

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

describe('the outcomes of a batch', () => {
  let stage: Stage
  beforeEach(async () => {
    stage = await openStage(database.sql)
  })
  afterEach(() => stage.close())

  const batch = (partition: number, count: number, hash = ''): Batch => ({
    ...{ partition, first: 0, last: count - 1, after: nothing, size: 0 },
    decided: Array.from({ length: count }, (_, offset) => ({
      outcome: {
        ...{ v: 1, incarnation: 1, partition, offset, command: newId(), type: 'user.create', entity: newId() },
        ...{ actor: null, hash, at: '', request: '', events: [] },
      },
      version: 1,
      first: true,
    })),
  })
  const onEvents = async (partition: number) => {
    const { ends } = await stage.log.describe('events')
    const offsets: number[] = []
    while (offsets.length < ends[partition]!) {
      const records = await stage.log.read('events', partition, offsets.length, 500)
      offsets.push(...records.map(({ value }) => (JSON.parse(value) as Outcome).offset))
    }
    return offsets
  }

  test('of all partitions at once find room: no append is refused for the others', async () => {
    const every = Array.from({ length: PARTITIONS }, (_, partition) => partition)
    await Promise.all(every.map((partition) => publish(stage.log, batch(partition, 500))))
    for (const partition of every) expect(await onEvents(partition)).toEqual(Array.from({ length: 500 }, (_, n) => n))
  })

  test('are appended a write at a time, what is larger alone', async () => {
    const slices: number[] = []
    const log: Pick<Log, 'append'> = {
      append(topic, records) {
        slices.push(records.length)
        return stage.log.append(topic, records)
      },
    }
    await publish(log, batch(1, 5, 'x'.repeat(WRITE_BYTES * 0.4)))
    await publish(log, batch(1, 2, 'x'.repeat(WRITE_BYTES * 1.2)))
    expect(slices).toEqual([2, 2, 1, 1, 1])
  })

  test('that were acknowledged are not appended again when the rest is', async () => {
    let calls = 0
    const flaky: Pick<Log, 'append'> = {
      async append(topic, records) {
        if (++calls % 2 === 0) throw new LogUnavailable('slow', 'no')
        return stage.log.append(topic, records)
      },
    }
    const persist = (append: () => Promise<unknown>) => append().catch(append)
    await publish(flaky, batch(1, 6, 'x'.repeat(WRITE_BYTES * 0.6)), persist)
    expect(calls).toBeGreaterThan(6)
    expect(await onEvents(1)).toEqual([0, 1, 2, 3, 4, 5])
  })
})
