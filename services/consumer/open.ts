import type { Platform } from '../../platform/open.ts'
import { type RunningConsumer, startConsumer } from './consumer.ts'
import { entities } from './entities.ts'
import type { ConsumerMetrics } from './metrics.ts'
import { createMongoProjection } from './projections/mongo.ts'

/** The consumer on a platform: alone in its process, or beside the services. */
export function openConsumer(platform: Platform, cached: boolean): Promise<RunningConsumer> {
  const { mongo, cache, logger } = platform
  return startConsumer({
    ...platform,
    cache: cached ? cache : null,
    mongo: mongo ? createMongoProjection(mongo.db, entities) : null,
    definitions: entities,
    metrics: consumerMetrics(platform),
    logger: logger.child({ part: 'consumer' }),
  })
}

function consumerMetrics({ metrics }: Platform): ConsumerMetrics {
  const commands = metrics.counter('commands_decided_total', 'Commands decided, by type and outcome.', [
    'type',
    'outcome',
  ])
  const dead = metrics.counter('dead_letters_total', 'Records set aside.')
  const marks = metrics.gauge('watermark_offset', 'Offset up to which a partition is decided, or served.', [
    'mark',
    'partition',
  ])
  return {
    decided({ decided }) {
      for (const { outcome, dead: reason } of decided) {
        commands.inc({ type: outcome.type, outcome: outcome.rejection ? 'rejected' : 'succeeded' })
        if (reason !== undefined) dead.inc()
      }
    },
    mark: (name, partition, end) => marks.set({ mark: name, partition: String(partition) }, end),
  }
}
