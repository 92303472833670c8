import type { Cache } from './port.ts'

export interface CacheOptions {
  /** A Redis server; its presence decides. It need not be there yet. */
  url?: string | undefined
  keyPrefix?: string
  /** The connection was lost and made again: the owner of a partition raises its epoch. */
  onReconnect?: () => void
}

export async function openCache({ url, ...options }: CacheOptions = {}): Promise<Cache> {
  if (url) return (await import('./redis.ts')).openRedisCache({ url, ...options })
  return (await import('./memory.ts')).openMemoryCache()
}
