import { randomUUID } from 'node:crypto'
import process from 'node:process'
import { openBus } from '../../../platform/bus/mod.ts'
import { openCache } from '../../../platform/cache/mod.ts'
import type { Outcome } from '../../../platform/commands/command.ts'
import { openWatermarks } from '../../../platform/commands/watermarks/feed.ts'
import { openLog } from '../../../platform/log/mod.ts'
import type { Log } from '../../../platform/log/port.ts'
import { openMongo } from '../../../platform/mongo/connection.ts'
import { migrate } from '../../../platform/sql/migrations.ts'
import { openSql } from '../../../platform/sql/mod.ts'
import { scratchDatabase } from '../../../platform/sql/scratch.testing.ts'
import { createLogger } from '../../../platform/telemetry/log.ts'
import { allMigrations } from '../../migrations.ts'
import { startConsumer } from '../consumer.ts'
import { entities } from '../entities.ts'
import { createMongoProjection } from '../following/projections/mongo.ts'

/** Where a test's own database, topics, keys and collections are: processes are told it as one argument. */
interface Place {
  name: string
  database: string
}

/** Real parts for several processes of one test. @returns the place, and what throws it away */
export async function makePlace(): Promise<{ place: string; drop(): Promise<void> }> {
  const name = `group_${randomUUID().slice(0, 8)}`
  const { url: database, drop } = await scratchDatabase(process.env.DATABASE_URL!)
  const sql = await openSql({ url: database })
  await migrate(sql, await allMigrations())
  await sql.close()
  return { place: JSON.stringify({ name, database } satisfies Place), drop }
}

/** Connections of one process to a place. */
export async function openRealParts(place: string, onEvents: (outcomes: readonly Outcome[]) => void = () => {}) {
  const { name, database } = JSON.parse(place) as Place
  const logger = createLogger({ level: 'silent' })
  const mongoUrl = new URL(process.env.MONGO_URL!)
  mongoUrl.pathname = `/${name}`
  const mongo = openMongo({ url: mongoUrl.href })
  const sql = await openSql({ url: database })
  const real = await openLog({
    brokers: process.env.KAFKA_BROKERS!.split(','),
    topicPrefix: `${name}.`,
    replicationFactor: 1,
  })
  const log: Log = {
    ...real,
    async append(topic, records) {
      const offsets = await real.append(topic, records)
      if (topic === 'events') onEvents(records.map(({ value }) => JSON.parse(value) as Outcome))
      return offsets
    },
  }
  const cache = await openCache({ url: process.env.REDIS_URL, keyPrefix: `${name}:` })
  const bus = await openBus({ url: process.env.REDIS_URL, prefix: `${name}:` })
  const watermarks = openWatermarks({ sql, bus, logger })
  return {
    ...{ sql, log, mongo },
    start: () =>
      startConsumer({
        ...{ sql, log, cache, bus, watermarks, logger },
        mongo: createMongoProjection(mongo.db, entities),
        definitions: entities,
        onCacheReconnect: () => () => {},
        metrics: { decided() {}, took() {}, mark() {}, retried() {} },
      }),
    async close() {
      watermarks.close()
      await Promise.all([log.close(), bus.close(), cache.close(), mongo.close(), sql.close()])
    },
  }
}
