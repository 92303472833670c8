import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { openMemoryBus } from '../bus/memory.ts'
import { openFileLog } from '../log/files.ts'
import { openPglite } from '../sql/pglite.ts'
import { createOperationIds, operationSecret } from './operations/operation-id.ts'
import { createOutcomes } from './operations/outcomes.ts'
import { createCommandEdge } from './send/command-edge.ts'
import { startTestConsumer } from './test-consumer.testing.ts'
import { openWatermarks } from './watermarks/feed.ts'

const migration = new URL('../../services/consumer/migrations/001_consumer.sql', import.meta.url)

export type WritePath = Awaited<ReturnType<typeof openWritePath>>

/** The write path on the embedded parts, with a consumer that does what the test says. */
export async function openWritePath() {
  const directory = await mkdtemp(join(tmpdir(), 'trefoil-commands-'))
  const sql = await openPglite({ directory: join(directory, 'sql') })
  await sql.script(await readFile(migration, 'utf8'))
  const log = await openFileLog({ directory: join(directory, 'log') })
  const bus = openMemoryBus()
  const watermarks = openWatermarks({ sql, bus, logger: pino({ level: 'silent' }) })
  const outcomes = createOutcomes(sql)
  const operationIds = createOperationIds(await operationSecret(sql))
  const consumer = await startTestConsumer({ log, sql, bus })
  return {
    sql,
    log,
    watermarks,
    outcomes,
    operationIds,
    consumer,
    edge: createCommandEdge({ log, watermarks, outcomes, operationIds }),
    async close() {
      await consumer.close()
      watermarks.close()
      await Promise.all([log.close(), sql.close(), bus.close()])
      await rm(directory, { recursive: true })
    },
  }
}
