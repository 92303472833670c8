import { BreakerOpen } from '../breaker.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { Cache } from './port.ts'

const CALLS = ['read', 'take', 'fill', 'refresh'] as const
const RESULTS = ['answered', 'failed', 'refused'] as const

/** A cache that counts how its calls went: `refused` are those that its breaker did not let through. */
export function observedCache(cache: Cache, metrics: Metrics): Cache {
  const counter = metrics.counter(
    'cache_calls_total',
    'Calls of the cache: answered, failed, or refused by the breaker without being sent.',
    ['call', 'result'],
  )
  const counted = (call: (typeof CALLS)[number]) => {
    const [answered, failed, refused] = RESULTS.map((result) => counter.labels(call, result))
    for (const one of [answered, failed, refused]) one!.inc(0)
    return async <T>(work: Promise<T>): Promise<T> => {
      try {
        const answer = await work
        answered!.inc()
        return answer
      } catch (error) {
        const cause = error instanceof Error ? error.cause : undefined
        if (cause instanceof BreakerOpen) refused!.inc()
        else failed!.inc()
        throw error
      }
    }
  }
  const [read, take, fill, refresh] = CALLS.map(counted)

  return {
    local: cache.local,
    read: (keys) => read!(cache.read(keys)),
    take: (...said) => take!(cache.take(...said)),
    fill: (...said) => fill!(cache.fill(...said)),
    refresh: (entries) => refresh!(cache.refresh(entries)),
    close: () => cache.close(),
  }
}
