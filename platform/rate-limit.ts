import { Failure } from './errors/failure.ts'

/** So many at once, and so many a minute after that. */
export interface Rate {
  burst: number
  perMinute: number
}

/** How often each key may go on. Kept in this process: no part that is down opens it. */
export interface RateLimit {
  /** Counts it. @throws Failure `rate.limited`, with the whole seconds until it may; that counts for nothing */
  take(key: string, cost?: number): void
  /** As if the key had never come. */
  forget(key: string): void
}

export interface RateLimitOptions {
  /** Monotonic milliseconds. */
  now?: () => number
  /** Keys remembered; beyond, the one that was idle for longest is forgotten. */
  keys?: number
}

interface Bucket {
  tokens: number
  at: number
}

/**
 * A token bucket per key (GCRA would keep less, and say less). A call that costs more than a full bucket is let through
 * by a full one, which then owes the rest.
 */
export function createRateLimit(
  { burst, perMinute }: Rate,
  { now = () => performance.now(), keys = 10_000 }: RateLimitOptions = {},
): RateLimit {
  const perMs = perMinute / 60_000
  /** In the order of last use. */
  const buckets = new Map<string, Bucket>()

  return {
    take(key, cost = 1) {
      const at = now()
      const known = buckets.get(key)
      const tokens = known ? Math.min(burst, known.tokens + (at - known.at) * perMs) : burst
      const missing = Math.min(cost, burst) - tokens
      buckets.delete(key)
      buckets.set(key, { tokens: missing > 0 ? tokens : tokens - cost, at })
      if (buckets.size > keys) buckets.delete(buckets.keys().next().value!)
      if (missing > 0) {
        throw new Failure('rate.limited', undefined, { retryAfter: Math.ceil(missing / perMs / 1000) })
      }
    },
    forget: (key) => void buckets.delete(key),
  }
}
