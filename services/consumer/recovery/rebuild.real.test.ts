import { randomUUID } from 'node:crypto'
import process from 'node:process'
import { expect, test } from 'vitest'
import { openLog } from '../../../platform/log/mod.ts'
import type { Log } from '../../../platform/log/port.ts'
import { migrate } from '../../../platform/sql/migrations.ts'
import { openPostgres } from '../../../platform/sql/postgres.ts'
import { scratchDatabase } from '../../../platform/sql/scratch.testing.ts'
import { systemClock } from '../../../platform/waiting.ts'
import { allMigrations } from '../../migrations.ts'
import { entities } from '../entities.ts'
import { testDatabase } from '../fixture.testing.ts'
import { readIncarnation } from '../ownership/log-check.ts'
import { appendAll, historyOf } from '../testing/recovery.testing.ts'
import { rebuildSuite } from './rebuild.suite.ts'
import { rebuild } from './rebuild.ts'

const openOwnLog = () =>
  openLog({
    brokers: process.env.KAFKA_BROKERS!.split(','),
    topicPrefix: `rebuild_${randomUUID().slice(0, 8)}.`,
    replicationFactor: 1,
  })

rebuildSuite('real parts', openOwnLog, () => testDatabase(process.env.DATABASE_URL))

test('a log that takes its time is waited for, though a transaction is open', async () => {
  const scratch = await scratchDatabase(process.env.DATABASE_URL!)
  const sql = openPostgres({ url: scratch.url, idleInTransactionMs: 200 })
  const log = await openOwnLog()
  try {
    await migrate(sql, await allMigrations())
    await appendAll(log, historyOf())
    const slow: Log = {
      ...log,
      async append(...given) {
        await systemClock.sleep(600)
        return log.append(...given)
      },
    }
    await rebuild({ log: slow, sql, definitions: entities, onProgress: () => {} })
    expect(await readIncarnation(sql)).toBe(2)
  } finally {
    await log.close()
    await sql.close()
    await scratch.drop()
  }
})
