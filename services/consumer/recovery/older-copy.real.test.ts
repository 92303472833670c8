import { randomUUID } from 'node:crypto'
import process from 'node:process'
import { openLog } from '../../../platform/log/mod.ts'
import { testDatabase } from '../fixture.testing.ts'
import { olderCopySuite } from './older-copy.suite.ts'

olderCopySuite(
  'real parts',
  () =>
    openLog({
      brokers: process.env.KAFKA_BROKERS!.split(','),
      topicPrefix: `older_${randomUUID().slice(0, 8)}.`,
      replicationFactor: 1,
    }),
  () => testDatabase(process.env.DATABASE_URL),
)
