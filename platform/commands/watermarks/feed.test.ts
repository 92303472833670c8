import fc from 'fast-check'
import { pino } from 'pino'
import { describe, expect, test } from 'vitest'
import { PARTITIONS } from '../../log/port.ts'
import { createSimulatedClock, settled } from '../clock.testing.ts'
import { openWatermarks } from './feed.ts'
import type { WatermarkMessage } from './message.ts'
import { type Fate, modelOfTheBus, modelOfTheTable } from './sources.testing.ts'

const POLL = 100

describe('the epochs', () => {
  test('are unknown before the first answered poll', async () => {
    const { feed, database } = open({ after: 30 })
    await database.clock.pass(20)
    expect(feed.epochs()).toBeNull()
    await database.clock.pass(20)
    expect(feed.epochs()).toEqual(Array(PARTITIONS).fill(1000))
  })

  test('are unknown before it even if a message told one', async () => {
    const { feed, database, bus } = open({ refused: true })
    bus.tell({ partition: 0, epoch: 2000, decided: 0, served: 0 })
    await database.clock.pass(POLL * 5)
    expect(feed.epochs()).toBeNull()
  })

  test('are unknown from exactly two intervals after the last answered poll was sent', async () => {
    const { feed, database } = open({ after: 30 })
    await database.clock.pass(30)
    database.fate = 'silent'
    await database.clock.pass(2 * POLL - 31)
    expect(feed.epochs()).not.toBeNull()
    await database.clock.pass(1)
    expect(feed.epochs()).toBeNull()
  })

  test('stay known while Postgres refuses, and no longer than it does so promptly', async () => {
    const { feed, database } = open()
    await database.clock.pass(1)
    database.fate = { refused: true }
    await database.clock.pass(POLL * 20)
    expect(feed.epochs()).not.toBeNull()
    database.fate = { refused: true, after: 2 * POLL }
    await database.clock.pass(POLL * 3)
    expect(feed.epochs()).toBeNull()
  })

  test('are unknown while the table answers with an error of its own', async () => {
    const { feed, database } = open()
    await database.clock.pass(1)
    database.fate = { refused: true, code: '42P01' }
    await database.clock.pass(POLL * 2)
    expect(feed.epochs()).toBeNull()
  })

  test('that a reader has taken do not change under it', async () => {
    const { feed, database, bus } = open()
    await database.clock.pass(1)
    const before = feed.epochs()
    bus.tell({ partition: 4, epoch: 5001, decided: 0, served: 0 })
    expect(before?.[4]).toBe(1000)
    expect(feed.epochs()?.[4]).toBe(5001)
  })
})

describe('the marks', () => {
  test('come with a message at once, and with a poll where messages are lost', async () => {
    const { feed, database, bus } = open()
    const waiting = feed.reach([{ partition: 2, offset: 6 }], 'served', 10_000)
    bus.tell({ partition: 2, epoch: 1000, decided: 9, served: 6 })
    expect([feed.at(2, 'decided'), feed.at(2, 'served')]).toEqual([9, 6])
    database.rows[2] = { partition: 2, epoch: 1000, decided: 9, served: 7 }
    await database.clock.pass(POLL)
    expect(await waiting).toBe(true)
  })

  test('do not go back for a late message, nor for a table that was restored', async () => {
    const { feed, database, bus } = open()
    bus.tell({ partition: 2, epoch: 1002, decided: 9, served: 9 })
    bus.tell({ partition: 2, epoch: 1000, decided: 4, served: 3 })
    await database.clock.pass(POLL)
    expect([feed.at(2, 'decided'), feed.at(2, 'served'), feed.epochs()?.[2]]).toEqual([9, 9, 1002])
  })

  test('of every partition must cover what is waited for, once it is seen and however often it is named', async () => {
    const { feed, bus } = open()
    const waiting = feed.reach(
      [
        { partition: 0, offset: 3 },
        { partition: 0, offset: 3 },
        { partition: 1, offset: 0 },
        { partition: 0, offset: 1 },
      ],
      'decided',
      10_000,
    )
    let reached = false
    void waiting.then(() => {
      reached = true
    })
    bus.tell({ partition: 1, epoch: 1000, decided: 1, served: 0 })
    bus.tell({ partition: 0, epoch: 1000, decided: 3, served: 0 })
    await settled()
    expect(reached).toBe(false)
    bus.tell({ partition: 0, epoch: 1000, decided: 4, served: 0 })
    expect(await waiting).toBe(true)
    expect(await feed.reach([{ partition: 0, offset: 3 }], 'decided', 0)).toBe(true)
    expect(await feed.reach([{ partition: 0, offset: 4 }], 'decided', 0)).toBe(false)
    expect(await feed.reach([], 'served', 0)).toBe(true)
  })

  test('are still learnt when one poll hangs for good', async () => {
    const { feed, database } = open('silent')
    database.fate = { after: 1 }
    database.rows[0] = { partition: 0, epoch: 1000, decided: 1, served: 1 }
    await database.clock.pass(POLL + 10)
    expect(feed.at(0, 'decided')).toBe(1)
  })

  test('survive messages that are none', async () => {
    const { feed, bus } = open()
    bus.publish('nonsense')
    bus.tell({ partition: 0, epoch: 1000, decided: 1, served: 1 })
    expect(feed.at(0, 'served')).toBe(1)
  })
})

test('a closed feed asks no more, tells its waiters, and keeps no timer', async () => {
  const { feed, database, bus } = open()
  const waiting = feed.reach([{ partition: 0, offset: 0 }], 'decided', 10_000)
  feed.close()
  feed.close()
  expect(await waiting).toBe(false)
  const { asked } = database
  await database.clock.pass(POLL * 10)
  expect(database.asked).toBe(asked)
  expect(database.clock.sleepers).toBe(0)
  expect(bus.listeners).toBe(0)
})

test('polls that hang are few, whatever time passes', async () => {
  const { database } = open('silent')
  await database.clock.pass(POLL * 100)
  expect(database.asked).toBeLessThanOrEqual(3)
})

/**
 * Rule 5 of the cache: whoever raised an epoch two intervals ago may tell what the old one hides, because every process knows
 * the new one by then, or knows that it knows none.
 */
test('whatever is late, lost or doubled, no epoch is believed two intervals after a newer one', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { maxLength: 80 }), async (happenings) => {
      const { feed, database, bus } = open()
      const { clock, rows } = database
      const raises = [{ at: Number.NEGATIVE_INFINITY, epoch: 1000 }]
      const waits: { offset: number; mark: 'decided' | 'served'; until: number; told?: boolean }[] = []
      let messages: WatermarkMessage[] = []
      const before = { decided: 0, served: 0, epoch: 0 }

      for (const next of happenings) {
        if ('raise' in next) {
          rows[0] = { ...rows[0]!, epoch: rows[0]!.epoch + next.raise }
          raises.push({ at: clock.monotonic(), epoch: rows[0].epoch })
          messages.push(rows[0])
        } else if ('decide' in next) {
          const decided = rows[0]!.decided + next.decide
          rows[0] = { ...rows[0]!, decided, served: Math.min(decided, rows[0]!.served + next.serve) }
          messages.push(rows[0])
        } else if ('deliver' in next) {
          if (messages.length > 0) bus.tell(messages[next.deliver % messages.length]!)
        } else if ('lose' in next) messages = []
        else if ('ahead' in next) {
          const wait: (typeof waits)[number] = {
            offset: rows[0]!.decided + next.ahead,
            mark: next.mark,
            until: clock.monotonic() + next.timeout,
          }
          waits.push(wait)
          void feed.reach([{ partition: 0, offset: wait.offset }], wait.mark, next.timeout).then((told) => {
            wait.told = told
          })
        } else if ('fate' in next) database.fate = next.fate
        else await clock.pass(next.pass)
        await settled()

        const known = feed.epochs()
        const due = raises.filter(({ at }) => at <= clock.monotonic() - 2 * POLL).at(-1)
        if (known && due) expect(known[0]).toBeGreaterThanOrEqual(due.epoch)

        const now = { decided: feed.at(0, 'decided'), served: feed.at(0, 'served'), epoch: known?.[0] ?? before.epoch }
        for (const name of ['decided', 'served', 'epoch'] as const) {
          expect(now[name]).toBeGreaterThanOrEqual(before[name])
          expect(now[name]).toBeLessThanOrEqual(rows[0]![name])
        }
        Object.assign(before, now)
        for (const { offset, mark, until, told } of waits) {
          if (told) expect(rows[0]![mark]).toBeGreaterThan(offset)
          else expect(told).toBe(clock.monotonic() >= until ? false : undefined)
        }
      }

      database.fate = { after: 1 }
      database.release()
      await clock.pass(1000)
      expect([feed.at(0, 'decided'), feed.at(0, 'served')]).toEqual([rows[0]!.decided, rows[0]!.served])
      expect(feed.epochs()?.[0]).toBe(rows[0]!.epoch)
      feed.close()
      await clock.pass(1000)
      expect(clock.sleepers).toBe(0)
    }),
    { numRuns: 300 },
  )
})

const happening = fc.oneof(
  fc.record({ raise: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ decide: fc.nat(4), serve: fc.nat(6) }),
  fc.record({ deliver: fc.nat(20) }),
  fc.record({ lose: fc.constant(true) }),
  fc.record({
    ahead: fc.nat(4),
    mark: fc.constantFrom('decided' as const, 'served' as const),
    timeout: fc.integer({ min: 1, max: 500 }),
  }),
  fc.record({ fate: fc.oneof(fc.constant<Fate>('silent'), fc.record({ after: fc.nat(3 * POLL) })) }),
  fc.record({ pass: fc.nat(POLL) }),
)

function open(fate: Fate = {}) {
  const clock = createSimulatedClock()
  const database = modelOfTheTable(clock, fate)
  const bus = modelOfTheBus()
  const feed = openWatermarks({ sql: database, bus, clock, pollMs: POLL, logger: pino({ level: 'silent' }) })
  return { feed, database, bus }
}
