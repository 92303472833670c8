import type { WatermarkFeed } from '../commands/watermarks/feed.ts'
import type { Mark } from '../commands/watermarks/watermarks.ts'
import type { Metrics } from './metrics.ts'

const marks: readonly Mark[] = ['decided', 'served']

/** What this process knows of the partitions, and of the cache where it has one, looked up at each scrape. */
export function measureWatermarks(metrics: Metrics, watermarks: WatermarkFeed, cached: boolean): void {
  metrics.gauge('waiting_calls', 'Calls that wait until a mark covers what they need.', ['mark'], (gauge) => {
    for (const mark of marks) gauge.set({ mark }, watermarks.waiting(mark))
  })
  if (!cached) return
  metrics.gauge(
    'cache_usable',
    '1 while this process may use the cache, 0 while it reads from the stores.',
    [],
    (gauge) => gauge.set(watermarks.epochs() === null ? 0 : 1),
  )
  metrics.gauge('cache_epoch', "A partition's cache epoch, as this process knows it.", ['partition'], (gauge) =>
    eachEpoch(watermarks, (partition, epoch) => gauge.set({ partition }, epoch)),
  )
  metrics.gauge(
    'cache_shut',
    '1 while the cache is shut for a partition: Redis did not answer its consumer, or that has none.',
    ['partition'],
    (gauge) => eachEpoch(watermarks, (partition, epoch) => gauge.set({ partition }, epoch % 2)),
  )
}

function eachEpoch(watermarks: WatermarkFeed, set: (partition: string, epoch: number) => void): void {
  for (const [partition, epoch] of (watermarks.epochs() ?? []).entries()) set(String(partition), epoch)
}
