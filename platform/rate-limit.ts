/** So many at once, and so many a minute after that. */
export interface Rate {
  burst: number
  perMinute: number
}

export interface RateLimit {
  /** 0 where the key may go on, which then counts; otherwise the seconds after which it may. */
  take(key: string, cost?: number): number
}

interface Bucket {
  tokens: number
  at: number
}

/** At most so many keys are remembered: beyond, the one that was idle for longest is forgotten. */
const MAX_KEYS = 10_000

/**
 * A token bucket per key (GCRA would keep less, and say less). A call that costs more than a full bucket is let through
 * by a full one, which then owes the rest.
 * @param now monotonic milliseconds
 */
export function createRateLimit(
  { burst, perMinute }: Rate,
  now = () => performance.now(),
  maxKeys = MAX_KEYS,
): RateLimit {
  const perMs = perMinute / 60_000
  /** In the order of last use. */
  const buckets = new Map<string, Bucket>()

  return {
    take(key, cost = 1) {
      const at = now()
      const known = buckets.get(key)
      const tokens = known ? Math.min(burst, known.tokens + (at - known.at) * perMs) : burst
      const needed = Math.min(cost, burst)
      buckets.delete(key)
      buckets.set(key, { tokens: tokens < needed ? tokens : tokens - cost, at })
      if (buckets.size > maxKeys) buckets.delete(buckets.keys().next().value!)
      return tokens < needed ? (needed - tokens) / perMs / 1000 : 0
    },
  }
}
