import { isIPv6 } from 'node:net'
import { Failure } from '../../platform/errors/failure.ts'

/** How often something may be tried by one address, or against one account. Kept in this process: no part that is down opens it. */
export interface Limit {
  /** @throws Failure `rate.limited`, with the time until the next try */
  take(key: string): void
  /** Gives the tries of a key back: a login succeeded. */
  forget(key: string): void
}

export interface LimitOptions {
  /** Tries at once; they come back evenly over the window. */
  tries: number
  windowMs: number
  /** Keys remembered; beyond it the one untouched for longest is forgotten. */
  keys?: number
  now?: () => number
}

/** A leaking bucket for each key: two numbers, whatever the traffic. */
export function createLimit({ tries, windowMs, keys = 50_000, now = Date.now }: LimitOptions): Limit {
  const buckets = new Map<string, { level: number; at: number }>()
  const perTry = windowMs / tries

  return {
    take(key) {
      const at = now()
      const bucket = buckets.get(key)
      const level = bucket ? Math.max(0, bucket.level - (at - bucket.at) / perTry) : 0
      if (level > tries - 1) {
        const seconds = Math.ceil(((level - (tries - 1)) * perTry) / 1000)
        throw new Failure('rate.limited', undefined, { retryAfter: seconds })
      }
      buckets.delete(key) // last in order is last touched
      buckets.set(key, { level: level + 1, at })
      if (buckets.size > keys) for (const oldest of buckets.keys()) return void buckets.delete(oldest)
    },
    forget: (key) => void buckets.delete(key),
  }
}

/** An IPv6 customer holds a whole /64, so it counts as one address. */
export function addressKey(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped) return mapped
  if (!isIPv6(address)) return address
  const [head = '', tail] = (address.split('%')[0] ?? '').split('::')
  const before = head.split(':').filter(Boolean)
  const after = tail?.split(':').filter(Boolean) ?? []
  const groups = [...before, ...Array(Math.max(0, 8 - before.length - after.length)).fill('0'), ...after]
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')
}

export interface LimitSettings {
  /** Logins, refreshes, password changes and setups by one address. */
  address?: LimitOptions
  /** Failed logins into one account. */
  account?: LimitOptions
  /** Registrations by one address. */
  registration?: LimitOptions
}

export interface Limits {
  address: Limit
  account: Limit
  registration: Limit
}

const MINUTE = 60_000

export const createLimits = (settings: LimitSettings = {}): Limits => ({
  address: createLimit(settings.address ?? { tries: 60, windowMs: MINUTE }),
  account: createLimit(settings.account ?? { tries: 10, windowMs: 10 * MINUTE }),
  registration: createLimit(settings.registration ?? { tries: 60, windowMs: 10 * MINUTE }),
})
