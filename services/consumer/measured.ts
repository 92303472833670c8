import type { Platform } from '../../platform/open.ts'
import type { RunningConsumer } from './consumer.ts'
import { countOpenDeadLetters } from './decide/dead-letters.ts'
import type { MongoProjection } from './following/projections/mongo.ts'
import type { ConsumerMetrics } from './metrics.ts'

const marks = ['decided', 'served'] as const
const stages = ['decide', 'events', 'served', 'mongo'] as const
const sizes = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000]

/** The consumer's metrics: what it counts while it works. */
export function consumerMetrics({ metrics }: Pick<Platform, 'metrics'>): ConsumerMetrics & { ends: Ends } {
  const commands = metrics.counter('commands_decided_total', 'Commands decided, by type and outcome.', [
    'type',
    'outcome',
  ])
  const dead = metrics.counter('dead_letters_total', 'Records set aside by this process.')
  const records = metrics.histogram('consumer_batch_records', 'Records decided in one transaction.', [], sizes)
  const seconds = metrics.histogram('consumer_batch_seconds', 'Time of one such transaction.')
  const retries = metrics.counter('consumer_retries_total', 'Attempts that a part did not answer, by stage.', ['stage'])
  for (const stage of stages) retries.inc({ stage }, 0)
  const ends: Ends = new Map()

  return {
    ends,
    decided({ decided }) {
      records.observe(decided.length)
      for (const { outcome, dead: reason } of decided) {
        commands.inc({ type: outcome.type, outcome: outcome.rejection ? 'rejected' : 'succeeded' })
        if (reason !== undefined) dead.inc()
      }
    },
    took: (value) => seconds.observe(value),
    mark: (name, partition, end) => ends.set(`${name}:${partition}`, end),
    retried: (stage) => retries.inc({ stage }),
  }
}

/** By mark and partition: where this process has moved it to. */
type Ends = Map<string, number>

/** What is looked up at each scrape: of the partitions that this process owns now, so that all of a system add up. */
export function measureConsumer(
  { metrics, log, sql, watermarks }: Pick<Platform, 'metrics' | 'log' | 'sql' | 'watermarks'>,
  { owned }: Pick<RunningConsumer, 'owned'>,
  ends: Ends,
): void {
  const endOf = (mark: (typeof marks)[number], partition: number) =>
    Math.max(ends.get(`${mark}:${partition}`) ?? 0, watermarks.at(partition, mark))
  const labels = ['mark', 'partition'] as const

  metrics.gauge('consumer_partitions', 'Partitions that this process owns.', [], (gauge) => gauge.set(owned().length))
  metrics.gauge('watermark_offset', 'Offset up to which an owned partition is decided, or served.', labels, (gauge) => {
    gauge.reset()
    for (const partition of owned())
      for (const mark of marks) gauge.set({ mark, partition: String(partition) }, endOf(mark, partition))
  })
  metrics.gauge(
    'consumer_lag',
    'Commands of an owned partition that are on the log and not decided, or not served.',
    labels,
    async (gauge) => {
      const { ends: logEnds } = await log.describe('commands')
      gauge.reset()
      for (const partition of owned()) {
        for (const mark of marks) {
          const behind = Math.max(0, logEnds[partition]! - endOf(mark, partition))
          gauge.set({ mark, partition: String(partition) }, behind)
        }
      }
    },
  )
  metrics.gauge(
    'dead_letters_open',
    'Records set aside that nobody has dealt with, of the whole system.',
    [],
    async (gauge) => gauge.set(await countOpenDeadLetters(sql)),
  )
}

/** Writes to MongoDB, timed. */
export function timedMongo(mongo: MongoProjection | null, { metrics }: Pick<Platform, 'metrics'>) {
  const seconds = metrics.histogram('mongo_apply_seconds', 'Time of writing the changes of one batch to MongoDB.')
  if (!mongo) return null
  return {
    ...mongo,
    async apply(changes: Parameters<MongoProjection['apply']>[0]) {
      const began = performance.now()
      await mongo.apply(changes)
      seconds.observe((performance.now() - began) / 1000)
    },
  }
}
