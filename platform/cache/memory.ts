import { performance } from 'node:perf_hooks'
import { type Cache, CacheUnavailable } from './port.ts'
import { isNewer, ticketHead } from './text.ts'

export interface MemoryCacheOptions {
  /** Beyond it, or beyond `maxLength`, what was not used for the longest time goes. */
  maxEntries?: number
  /** Of all texts together, in characters. */
  maxLength?: number
  /** Milliseconds of a monotonic clock. */
  now?: () => number
}

interface Entry {
  value: string
  until: number
}

/** The cache of a single process. A Map keeps its keys in the order of insertion, so the first is the one to go. */
export function openMemoryCache(options: MemoryCacheOptions = {}): Cache {
  const { maxEntries = 50_000, maxLength = 64 * 1024 * 1024, now = () => performance.now() } = options
  const entries = new Map<string, Entry>()
  let length = 0
  let closed = false

  function get(key: string): string | null {
    const entry = entries.get(key)
    if (!entry) return null
    remove(key, entry)
    if (entry.until <= now()) return null
    add(key, entry)
    return entry.value
  }

  function put(key: string, value: string, ttlMs: number) {
    const before = entries.get(key)
    if (before) remove(key, before)
    if (value.length > maxLength) return // rather than throw out all the others for it
    add(key, { value, until: now() + ttlMs })
    for (const [oldest, entry] of entries) {
      if (entries.size <= maxEntries && length <= maxLength) return
      remove(oldest, entry)
    }
  }

  function add(key: string, entry: Entry) {
    entries.set(key, entry)
    length += entry.value.length
  }

  function remove(key: string, entry: Entry) {
    entries.delete(key)
    length -= entry.value.length
  }

  function assertOpen() {
    if (closed) throw new CacheUnavailable('the cache is closed')
  }

  return {
    local: true,

    async read(keys) {
      assertOpen()
      return keys.map(get)
    },

    async take(key, value, ttlMs, stale) {
      assertOpen()
      const current = get(key)
      if (current !== null && current !== stale) return current
      put(key, value, ttlMs)
      return null
    },

    async fill(key, ticket, value, ttlMs) {
      assertOpen()
      if (!get(key)?.startsWith(ticketHead(ticket))) return false
      put(key, value, ttlMs)
      return true
    },

    async refresh(refreshes) {
      assertOpen()
      for (const { key, value, ttlMs, mode } of refreshes) {
        const current = get(key)
        if (mode === 'always' || (current !== null && isNewer(value, current))) put(key, value, ttlMs)
      }
    },

    async close() {
      closed = true
      entries.clear()
    },
  }
}
