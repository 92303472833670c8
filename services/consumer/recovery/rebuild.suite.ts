import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { partitionOf } from '../../../platform/log/partition.ts'
import type { Log } from '../../../platform/log/port.ts'
import type { Sql } from '../../../platform/sql/port.ts'
import { systemClock } from '../../../platform/waiting.ts'
import { entities } from '../entities.ts'
import { appendAll, decideAll, historyOf, tables } from '../testing/recovery.testing.ts'
import { rebuild } from './rebuild.ts'

type Database = { sql: Sql; drop(): Promise<void> }

type Limits = { idleInTransactionMs: number }

/** What a rebuild promises: everything that was told is as it was told. */
export function rebuildSuite(
  name: string,
  openLog: () => Promise<Log>,
  database: (limits?: Limits) => Promise<Database>,
): void {
  describe(`rebuild (${name})`, () => {
    let log: Log
    let before: Database
    let after: Database
    const history = historyOf()

    beforeAll(async () => {
      log = await openLog()
      before = await database()
      after = await database()
      await decideAll(log, before.sql, await appendAll(log, history))
      await rebuild({ log, sql: after.sql, definitions: entities, onProgress: () => {} })
    }, 180_000)
    afterAll(async () => {
      await log.close()
      await before.drop()
      await after.drop()
    })

    test.each(tables)('%s are as they were', async (_, statement) => {
      const expected = await before.sql.query(statement)
      expect(expected.length).toBeGreaterThan(0)
      expect(await after.sql.query(statement)).toEqual(expected)
    })

    test('numbers go on where they were', async () => {
      const [row] = await after.sql.query<{ n: number }>(`SELECT nextval('project_number') AS n`)
      const [last] = await before.sql.query<{ n: number }>('SELECT max(number) AS n FROM projects')
      expect(row!.n).toBe(last!.n + 1)
    })

    test('what an owner of the lost database still appends behind the mark is void', async () => {
      const third = await database()
      const partition = partitionOf(history[0]!.root)
      const [told] = await log.read('events', partition, 0, 1)
      const forged = { ...JSON.parse(told!.value), offset: 1_000, incarnation: 1 }
      await log.append('events', [{ partition, key: 'late', value: JSON.stringify(forged) }])
      await rebuild({ log, sql: third.sql, definitions: entities, onProgress: () => {} })
      const statement = 'SELECT partition, next_offset FROM consumer_progress ORDER BY partition'
      expect(await third.sql.query(statement)).toEqual(await before.sql.query(statement))
      const [incarnation] = await third.sql.query(`SELECT value FROM system WHERE name = 'incarnation'`)
      expect(incarnation?.value).toBe(3)
      await third.drop()
    })

    test('a log that takes its time is waited for, though a transaction is open', async () => {
      const idleInTransactionMs = 1500
      const third = await database({ idleInTransactionMs })
      const slow: Log = {
        ...log,
        async append(...given) {
          await systemClock.sleep(2 * idleInTransactionMs)
          return log.append(...given)
        },
      }
      await rebuild({ log: slow, sql: third.sql, definitions: entities, onProgress: () => {} })
      const statement = 'SELECT id, version, data FROM users ORDER BY id'
      expect(await third.sql.query(statement)).toEqual(await before.sql.query(statement))
      await third.drop()
    })
  })
}
