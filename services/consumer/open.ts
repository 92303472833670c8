import type { Platform } from '../../platform/open.ts'
import { type RunningConsumer, startConsumer } from './consumer.ts'
import { entities } from './entities.ts'
import { createMongoProjection } from './following/projections/mongo.ts'
import { consumerMetrics, measureConsumer, timedMongo } from './measured.ts'

/** Longer than MongoDB is looked for. */
const REACH_MS = 5000

/** The consumer on a platform: alone in its process, or beside the services. */
export async function openConsumer(platform: Platform, cached: boolean): Promise<RunningConsumer> {
  const { mongo, cache, logger } = platform
  const metrics = consumerMetrics(platform)
  const consumer = await startConsumer({
    ...platform,
    cache: cached ? cache : null,
    mongo: timedMongo(mongo && createMongoProjection(mongo.db, entities, () => mongo.ping(REACH_MS)), platform),
    definitions: entities,
    metrics,
    logger: logger.child({ part: 'consumer' }),
  })
  measureConsumer(platform, consumer, metrics.ends)
  return consumer
}
