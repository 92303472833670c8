import { afterAll, beforeAll, beforeEach } from 'vitest'
import type { Command } from '../../../platform/commands/command.ts'
import { newId } from '../../../platform/ids.ts'
import type { LogRecord } from '../../../platform/log/port.ts'
import { type Sql, SqlError } from '../../../platform/sql/port.ts'
import { type Batch, createDecider } from '../decide/decide.ts'
import { createIntake, type Intake } from '../decide/intake.ts'
import { entities } from '../entities.ts'
import { commandOf, emptied, recordsOf, testDatabase, userPayload } from '../fixture.testing.ts'
import { own } from '../ownership/ownership.ts'
import { hurriedClock } from './process.testing.ts'

export const P = 3

type Fault = 'lost' | 'refused' | Error | undefined

/** An intake over an empty database, and what it said. */
export interface IntakeBench {
  sql: Sql
  intake: Intake
  batches: Batch[]
  committed: number[]
  retries: unknown[]
  /** What happens to the next transactions. */
  faults: Fault[]
  /** What the comparison with `events` says. */
  told: (next: number) => Promise<void>
  /** Another intake, as after a start. */
  begin(given?: { decidesOn?: Sql; ownsOn?: Sql }): Promise<void>
  take(records: readonly LogRecord[]): Promise<number>
  /** Where outcomes are. */
  positions(): Promise<number[]>
}

/** For one `describe`: before each of its tests the database is empty, and another intake begins. */
export function intakeBench(): IntakeBench {
  let database: { sql: Sql; drop(): Promise<void> }
  const { signal } = new AbortController()

  const faulty = (): Sql => ({
    ...bench.sql,
    async transaction(work) {
      const fault = bench.faults.shift()
      if (fault === 'refused') throw new SqlError('no connection', '08006')
      if (fault instanceof Error) {
        return bench.sql.transaction(async (tx) => {
          await work(tx)
          throw fault
        })
      }
      const result = await bench.sql.transaction(work)
      if (fault === 'lost') throw new SqlError('the answer to COMMIT was lost', '08007')
      return result
    },
  })

  const bench: IntakeBench = {
    ...({} as Pick<IntakeBench, 'sql' | 'intake'>),
    ...{ batches: [], committed: [], retries: [], faults: [] },
    told: async () => {},
    async begin({ decidesOn = faulty(), ownsOn = bench.sql } = {}) {
      Object.assign(bench, { batches: [], committed: [], retries: [] })
      bench.intake = createIntake({
        sql: bench.sql,
        clock: hurriedClock,
        decider: createDecider(decidesOn, entities, 1),
        ownership: await own(P, { sql: ownsOn, clock: hurriedClock, settleMs: 0 }),
        checkTold: (next) => bench.told(next),
        onRetry: (error) => bench.retries.push(error),
        onBatch: (batch) => bench.batches.push(batch),
        onCommitted: (end) => bench.committed.push(end),
      })
    },
    take: (records) => bench.intake.take(records, signal),
    async positions() {
      const rows = await bench.sql.query<{ position: number }>('SELECT position FROM outcomes ORDER BY position')
      return rows.map(({ position }) => position)
    },
  }

  beforeAll(async () => {
    database = await testDatabase()
    bench.sql = database.sql
  })
  beforeEach(async () => {
    await emptied(bench.sql)
    bench.told = async () => {}
    bench.faults = []
    await bench.begin()
  })
  afterAll(() => database.drop())

  return bench
}

let people = 0

/** Makes a user whom nobody has made yet. */
export const create = (said: Partial<Command> = {}): Command =>
  commandOf('user.create', newId(), userPayload(`u${people++}`), said)

/** A command that Postgres refuses. */
export const poison = (): Command => commandOf('user.create', newId(), userPayload('nul', { fullName: '\u0000' }))

export const records = (first: number, ...commands: (Command | string)[]): LogRecord[] => recordsOf(P, first, commands)
