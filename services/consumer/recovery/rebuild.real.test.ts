import { randomUUID } from 'node:crypto'
import process from 'node:process'
import { openLog } from '../../../platform/log/mod.ts'
import { testDatabase } from '../fixture.testing.ts'
import { rebuildSuite } from './rebuild.suite.ts'

rebuildSuite(
  'real parts',
  () =>
    openLog({
      brokers: process.env.KAFKA_BROKERS!.split(','),
      topicPrefix: `rebuild_${randomUUID().slice(0, 8)}.`,
      replicationFactor: 1,
    }),
  (limits) => testDatabase(process.env.DATABASE_URL, limits),
)
