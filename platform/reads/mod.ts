import type { Cache } from '../cache/port.ts'
import type { Watermarks } from '../commands/watermarks/watermarks.ts'
import type { Clock } from '../waiting.ts'
import { createCachedReader } from './cached.ts'
import { createEntityReader } from './entity-reader.ts'
import { createListReader } from './list-reader.ts'
import { createLoadLimit, type LoadLimits } from './load-limit.ts'
import type { ReadMetrics, ReadParts } from './parts.ts'
import { quietly, type ReadLogger } from './quiet-cache.ts'
import { type Random, systemRandom } from './random.ts'
import type { Reads } from './reads.ts'
import { createSingleFlight } from './single-flight.ts'

export interface ReadsOptions {
  cache: Cache
  watermarks: Pick<Watermarks, 'epochs'>
  logger: ReadLogger
  random?: Random
  clock?: Pick<Clock, 'monotonic' | 'sleep'>
  metrics?: ReadMetrics
  /** Of store loads, over all readers: 64 running, 1,000 queued, 5 s by default. */
  loads?: Partial<LoadLimits>
}

/**
 * Reads through the cache. Answers may be shared among those who asked at the same time, so they are not to be
 * changed. Whatever the cache does, a reader gets what the store has, or the store's own error.
 */
export function createReads(options: ReadsOptions): Reads {
  const parts: ReadParts = {
    cache: quietly(options.cache, options.logger),
    watermarks: options.watermarks,
    flights: createSingleFlight(),
    loads: createLoadLimit({ running: 64, queued: 1_000, deadlineMs: 5_000, ...options.loads }, options.clock),
    random: options.random ?? systemRandom,
    metrics: options.metrics ?? { count: () => {} },
  }
  return {
    entity: (source) => createEntityReader(source, parts),
    cached: (source) => createCachedReader(source, parts),
    list: createListReader(parts),
  }
}
