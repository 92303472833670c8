import type { Watermarks } from '../commands/watermarks/watermarks.ts'
import type { LoadLimit } from './load-limit.ts'
import type { QuietCache } from './quiet-cache.ts'
import type { Random } from './random.ts'
import type { SingleFlight } from './single-flight.ts'

/** How the first look into the cache ended: `stale` is of an older epoch, `bypass` went past the cache to the store. */
export type ReadResult = 'hit' | 'miss' | 'stale' | 'bypass'

export interface ReadMetrics {
  /** @param what an entity's kind, or the first word of a scope */
  count(what: string, result: ReadResult): void
}

/** What the readers of one process share. */
export interface ReadParts {
  cache: QuietCache
  watermarks: Pick<Watermarks, 'epochs'>
  flights: SingleFlight
  loads: LoadLimit
  random: Random
  metrics: ReadMetrics
}
