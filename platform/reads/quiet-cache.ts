import type { Logger } from 'pino'
import { type Cache, CacheUnavailable } from '../cache/port.ts'

export type ReadLogger = Pick<Logger, 'debug' | 'error'>

/** The cache as readers use it: `undefined` where it gave no answer, because its trouble is never a reader's. */
export interface QuietCache {
  read(keys: readonly string[]): Promise<(string | null)[] | undefined>
  take(key: string, value: string, ttlMs: number, stale?: string): Promise<string | null | undefined>
  fill(key: string, ticket: string, value: string, ttlMs: number): Promise<boolean | undefined>
}

export function quietly(cache: Cache, logger: ReadLogger): QuietCache {
  const unanswered = (error: unknown): undefined => {
    if (error instanceof CacheUnavailable) logger.debug({ err: error }, 'The cache gave no answer')
    else logger.error({ err: error }, 'The cache failed')
  }
  return {
    read: (keys) => cache.read(keys).catch(unanswered),
    take: (key, value, ttlMs, stale) => cache.take(key, value, ttlMs, stale).catch(unanswered),
    fill: (key, ticket, value, ttlMs) => cache.fill(key, ticket, value, ttlMs).catch(unanswered),
  }
}
