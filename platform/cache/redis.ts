import type { Redis } from 'ioredis'
import { type BreakerOptions, createBreaker } from '../breaker.ts'
import { withDeadline } from '../deadline.ts'
import { closeRedis, connectRedis } from '../redis/connection.ts'
import { type Cache, CacheUnavailable, type Refresh } from './port.ts'
import { type Scripts, scripts } from './scripts.ts'
import { ticketHead } from './text.ts'

export interface RedisCacheOptions {
  url: string
  keyPrefix?: string
  /**
   * Called when a connection that was lost has been made again: what is there may not be what was. It must not throw.
   * The first connection is none, however late it comes: until then every call failed.
   */
  onReconnect?: () => void
  deadlineMs?: number
  breaker?: BreakerOptions
}

/** Entries of one script call; more are sent in several, still in one round trip. */
const ENTRIES_PER_CALL = 200

/** Redis need not be there, neither now nor later. It must have no persistence. */
export function openRedisCache({
  url,
  keyPrefix = '',
  onReconnect,
  deadlineMs = 100,
  ...options
}: RedisCacheOptions): Cache {
  const redis = connectRedis(url, { keyPrefix, enableAutoPipelining: true, scripts }) as Redis & Scripts
  const breaker = createBreaker(options.breaker)
  let trouble: Error | undefined
  let wasConnected = false

  redis.on('error', (error: Error) => {
    trouble = error
  })
  redis.on('ready', () => {
    trouble = undefined
    breaker.close()
    if (wasConnected) onReconnect?.()
    wasConnected = true
  })

  /** The deadline is ours because a command may also wait, unsent, behind the pipeline before it. */
  function ask<T>(command: () => Promise<T>): Promise<T> {
    return breaker
      .run(() => withDeadline(command(), deadlineMs))
      .catch((error) => {
        throw new CacheUnavailable(`Redis: ${(trouble ?? error).message}`, { cause: error })
      })
  }

  return {
    local: false,

    read(keys) {
      return keys.length === 0 ? Promise.resolve([]) : ask(() => redis.mget([...keys]))
    },

    take(key, value, ttlMs, stale) {
      return ask(() => redis.cacheTake(key, value, px(ttlMs), ...(stale === undefined ? [] : [stale])))
    },

    async fill(key, ticket, value, ttlMs) {
      return (await ask(() => redis.cacheFill(key, ticketHead(ticket), value, px(ttlMs)))) === 1
    },

    async refresh(entries) {
      if (entries.length === 0) return
      await ask(() => Promise.all(chunks(entries).map((some) => refreshSome(redis, some))))
    },

    close: () => closeRedis(redis),
  }
}

async function refreshSome(redis: Scripts, entries: readonly Refresh[]): Promise<void> {
  const keys = entries.map((entry) => entry.key)
  const rest = entries.flatMap((entry) => [entry.value, px(entry.ttlMs), entry.mode])
  const done = await redis.cacheRefresh(keys.length, ...keys, ...rest)
  if (done !== entries.length) throw new Error(`${done} of ${entries.length} entries acknowledged`)
}

function chunks<T>(items: readonly T[]): T[][] {
  const count = Math.ceil(items.length / ENTRIES_PER_CALL)
  return Array.from({ length: count }, (_, index) =>
    items.slice(index * ENTRIES_PER_CALL, (index + 1) * ENTRIES_PER_CALL),
  )
}

/** Redis takes whole milliseconds, at least one. */
function px(ttlMs: number): number {
  return Math.max(1, Math.round(ttlMs))
}
