import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createSimulatedClock, type SimulatedClock } from '../../../platform/commands/clock.testing.ts'
import type { Outcome } from '../../../platform/commands/command.ts'
import { newId } from '../../../platform/ids.ts'
import { PARTITIONS } from '../../../platform/log/port.ts'
import type { Sql } from '../../../platform/sql/port.ts'
import { createLogger } from '../../../platform/telemetry/log.ts'
import type { Batch } from '../decide/decide.ts'
import type { Decided } from '../decide/fold.ts'
import { saveOutcomes } from '../decide/save.ts'
import { testDatabase } from '../fixture.testing.ts'
import { openStage, type Stage } from '../testing/world.testing.ts'
import { createHousekeeping, type Housekeeping } from './housekeeping.ts'

const P = 1
const nothing = new Array<number>(PARTITIONS).fill(0)

describe('housekeeping', () => {
  let database: { sql: Sql; drop(): Promise<void> }
  let stage: Stage
  let clock: SimulatedClock
  let housekeeping: Housekeeping
  let failing: boolean
  const said: string[] = []

  beforeAll(async () => {
    database = await testDatabase()
  })
  beforeEach(async () => {
    stage = await openStage(database.sql)
    clock = createSimulatedClock()
    failing = false
    const sql: Sql = {
      ...stage.sql,
      async query(...given) {
        if (failing) throw new Error('gone')
        return stage.sql.query(...given)
      },
    }
    const logger = createLogger({ level: 'warn', destination: { write: (line) => void said.push(line) } })
    housekeeping = createHousekeeping({ log: stage.log, sql, clock, logger, owned: () => [P] })
  })
  afterEach(async () => {
    await housekeeping.close()
    await stage.close()
  })
  afterAll(() => database.drop())

  const decided = (offset: number): Decided => ({
    outcome: {
      ...{ v: 1, incarnation: 1, partition: P, offset, command: newId(), type: 'user.create', entity: newId() },
      ...{ actor: null, hash: '', at: '', request: '', events: [] },
    } as Outcome,
    version: 1,
    first: true,
  })
  /** Outcomes of a partition: so many, decided so long ago. */
  async function outcomes(partition: number, first: number, count: number, age: string): Promise<void> {
    await saveOutcomes(
      stage.sql,
      partition,
      Array.from({ length: count }, (_, n) => decided(first + n)),
      nothing,
    )
    await stage.sql.query(
      'UPDATE outcomes SET decided_at = now() - $1::interval WHERE partition = $2 AND position >= $3',
      [age, partition, first],
    )
  }
  const cursors = (published: number, decidedTo: number, served: number) =>
    stage.sql.query('UPDATE consumer_progress SET published = $1, decided = $2, served = $3', [
      published,
      decidedTo,
      served,
    ])
  const left = async (partition = P) =>
    (
      await stage.sql.query<{ position: number }>('SELECT position FROM outcomes WHERE partition = $1 ORDER BY 1', [
        partition,
      ])
    ).map(({ position }) => position)
  const round = () => clock.pass(60_000)

  test('drops outcomes older than seven days that every cursor has passed, and no others', async () => {
    await outcomes(P, 0, 6, '8 days')
    await outcomes(P, 6, 2, '6 days 23 hours')
    await cursors(5, 4, 3)
    await round()
    await expect.poll(() => left()).toEqual([3, 4, 5, 6, 7])
    await cursors(5, 3, 9)
    await round()
    await cursors(2, 9, 9)
    await round()
    expect(await left()).toEqual([3, 4, 5, 6, 7])
    await cursors(9, 9, 9)
    await round()
    await expect.poll(() => left()).toEqual([6, 7])
  })

  test('drops those of its own partitions, all of them, a chunk at a time', async () => {
    await outcomes(P, 0, 2500, '8 days')
    await outcomes(P + 1, 0, 3, '8 days')
    await cursors(9000, 9000, 9000)
    await round()
    await expect.poll(() => left()).toEqual([])
    expect(await left(P + 1)).toEqual([0, 1, 2])
  })

  test('looks at once where a project was removed', async () => {
    await outcomes(P, 0, 1, '8 days')
    await cursors(9, 9, 9)
    const event = { type: 'project.removed', schema: 1, kind: 'project', id: newId(), version: 2, data: {} as never }
    const one = decided(5)
    const batch: Batch = { partition: P, first: 5, last: 5, after: nothing, size: 0, decided: [one] }
    housekeeping.decided(batch)
    await clock.pass(1000)
    expect(await left()).toEqual([0])
    housekeeping.decided({ ...batch, decided: [{ ...one, outcome: { ...one.outcome, events: [event] } }] })
    await clock.pass(1)
    await expect.poll(() => left()).toEqual([])
  })

  test('a failure is said, and tried again at the next round', async () => {
    await outcomes(P, 0, 1, '8 days')
    await cursors(9, 9, 9)
    failing = true
    await round()
    await expect.poll(() => said.join()).toContain('housekeeping will try again')
    expect(await left()).toEqual([0])
    failing = false
    await round()
    await expect.poll(() => left()).toEqual([])
  })

  test('ends when it is closed, and sleeps no more', async () => {
    await housekeeping.close()
    await housekeeping.close()
    expect(clock.sleepers).toBe(0)
    await outcomes(P, 0, 1, '8 days')
    await cursors(9, 9, 9)
    await round()
    expect(await left()).toEqual([0])
  })
})
