import { afterAll, beforeAll } from 'vitest'
import type { Rules } from '../../../../platform/commands/decide.ts'
import { PARTITIONS } from '../../../../platform/log/port.ts'
import type { Sql } from '../../../../platform/sql/port.ts'
import type { StoredUser } from '../../../users/schema.ts'
import { entities } from '../../entities.ts'
import { recordsOf, testDatabase } from '../../fixture.testing.ts'
import { takeOver } from '../../ownership/progress.ts'
import { type Batch, createDecider, type Decider } from '../decide.ts'

/** What the tests of deciding stand on: a database, a decider that is watched, and the partition of the test. */
export interface DeciderBench {
  readonly sql: Sql
  readonly decider: Decider
  /** Runs on a Postgres of its own, which is quicker than the embedded one. */
  readonly onServer: boolean
  readonly partition: number
  readonly epoch: number
  /** Names of the statements of the last transactions; a test may empty it. */
  readonly statements: string[]
  /** The values of the last locks, and whether each is held alone. */
  readonly lockedBy: [readonly string[], readonly boolean[]] | undefined
  /** Each test begins with a partition at 0. */
  ownPartition(): Promise<void>
  /** The same partition under a new epoch; returns the one before. */
  ownAgain(): Promise<number>
  decide(first: number, ...commands: Parameters<typeof recordsOf>[2]): Promise<Batch[]>
  user(id: string): Promise<StoredUser | undefined>
  /** The code of each outcome's rejection, in the order of the log. */
  outcomes(): Promise<(string | null)[]>
  withUserRules(decide: Rules['decide']): Decider
}

/** For one `describe`: opens and drops the database around it. */
export function deciderBench(url?: () => string): DeciderBench {
  let database: { sql: Sql; drop(): Promise<void> }
  let sql: Sql
  let decider: Decider
  let partition = -1
  let epoch = 0
  let lockedBy: DeciderBench['lockedBy']
  const statements: string[] = []

  beforeAll(async () => {
    database = await testDatabase(url?.())
    sql = database.sql
    decider = createDecider(watched(sql), entities, 1)
  }, 120_000)
  afterAll(() => database.drop())

  const watched = (inner: Sql): Sql => ({
    ...inner,
    transaction: (work) =>
      inner.transaction((tx) =>
        work({
          query(text, params, name) {
            statements.push(name ?? text)
            if (name === 'batch-lock') lockedBy = params as typeof lockedBy
            return tx.query(text, params, name)
          },
        }),
      ),
  })

  async function ownAgain(): Promise<number> {
    const former = epoch
    epoch = (await takeOver(sql, partition, Date.now())).epoch
    return former
  }

  return {
    onServer: url !== undefined,
    statements,
    ownAgain,
    get sql() {
      return sql
    },
    get decider() {
      return decider
    },
    get partition() {
      return partition
    },
    get epoch() {
      return epoch
    },
    get lockedBy() {
      return lockedBy
    },
    async ownPartition() {
      partition = (partition + 1) % PARTITIONS
      await sql.query('DELETE FROM outcomes WHERE partition = $1', [partition])
      await sql.query('DELETE FROM dead_letters WHERE partition = $1', [partition])
      await sql.query('UPDATE consumer_progress SET next_offset = 0 WHERE partition = $1', [partition])
      await ownAgain()
    },
    decide: (first, ...commands) => decider.decide(partition, epoch, recordsOf(partition, first, commands)),
    user: async (id) => (await sql.query<{ data: StoredUser }>('SELECT data FROM users WHERE id = $1', [id]))[0]?.data,
    async outcomes() {
      const rows = await sql.query<{ rejection: string | null }>(
        'SELECT rejection FROM outcomes WHERE partition = $1 ORDER BY position',
        [partition],
      )
      return rows.map(({ rejection }) => rejection)
    },
    withUserRules: (decide) =>
      createDecider(
        sql,
        entities.map((one) => (one.kind === 'user' ? { ...one, rules: { ...one.rules, decide } } : one)),
        1,
      ),
  }
}
