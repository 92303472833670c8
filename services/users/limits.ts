import { isIPv6 } from 'node:net'
import { createRateLimit, type Rate, type RateLimit } from '../../platform/rate-limit.ts'

export interface LimitSettings {
  /** Logins, refreshes, password changes and setups by one address. */
  address?: Rate
  /** Wrong passwords: of logins by one name, of password changes by one user. */
  account?: Rate
  /** Registrations by one address. */
  registration?: Rate
}

export type Limits = Record<keyof LimitSettings, RateLimit>

/** @param now monotonic milliseconds */
export function createLimits(settings: LimitSettings = {}, now?: () => number): Limits {
  const createLimit = (rate: Rate): RateLimit => createRateLimit(rate, { keys: 50_000, ...(now && { now }) })
  return {
    address: createLimit(settings.address ?? { burst: 60, perMinute: 60 }),
    account: createLimit(settings.account ?? { burst: 10, perMinute: 1 }),
    registration: createLimit(settings.registration ?? { burst: 60, perMinute: 6 }),
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
