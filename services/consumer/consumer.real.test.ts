import { randomUUID } from 'node:crypto'
import process from 'node:process'
import { openBus } from '../../platform/bus/mod.ts'
import { openCache } from '../../platform/cache/mod.ts'
import { openLog } from '../../platform/log/mod.ts'
import { openMongo } from '../../platform/mongo/connection.ts'
import { consumerSuite } from './consumer.suite.ts'
import { entities } from './entities.ts'
import { testDatabase } from './fixture.testing.ts'
import { createMongoProjection } from './following/projections/mongo.ts'

consumerSuite('real parts', async () => {
  const name = `consumer_${randomUUID().slice(0, 8)}`
  const database = await testDatabase(process.env.DATABASE_URL)
  const mongoUrl = new URL(process.env.MONGO_URL!)
  mongoUrl.pathname = `/${name}`
  const mongo = openMongo({ url: mongoUrl.href })
  const brokers = process.env.KAFKA_BROKERS!.split(',')
  const log = await openLog({ brokers, topicPrefix: `${name}.`, replicationFactor: 1 })
  const cache = await openCache({ url: process.env.REDIS_URL, keyPrefix: `${name}:` })
  const bus = await openBus({ url: process.env.REDIS_URL, prefix: `${name}:` })
  return {
    ...{ sql: database.sql, log, cache, bus, mongo: createMongoProjection(mongo.db, entities) },
    async drop() {
      await log.close()
      await bus.close()
      await cache.close()
      await mongo.db.dropDatabase()
      await mongo.close()
      await database.drop()
    },
  }
})
