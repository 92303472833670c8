import type { Bus } from './port.ts'

export interface BusOptions {
  /** A Redis server; its presence decides. It need not be there yet. */
  url?: string | undefined
  prefix?: string
}

export async function openBus({ url, ...options }: BusOptions = {}): Promise<Bus> {
  if (url) return (await import('./redis.ts')).openRedisBus({ url, ...options })
  return (await import('./memory.ts')).openMemoryBus()
}
