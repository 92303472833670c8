import { type Cache, CacheUnavailable, type Refresh } from '../../cache/port.ts'
import type { Chance } from './chance.testing.ts'
import type { Time } from './time.testing.ts'
import type { Trip } from './weather.testing.ts'

const TIMEOUT_MS = 100

/** The cache as the port specifies it, and connections that lose, delay and overtake. */
export interface Redis {
  connect(trip: Trip): Cache
  /** Forgets some key. */
  evict(): void
}

export function createRedis(time: Time, chance: Chance): Redis {
  const held = new Map<string, { text: string; until: number }>()

  const get = (key: string): string | null => {
    const entry = held.get(key)
    return entry !== undefined && entry.until > time.now() ? entry.text : null
  }
  const set = (key: string, text: string, ttlMs: number) => held.set(key, { text, until: time.now() + ttlMs })

  function take(key: string, value: string, ttlMs: number, stale: string | undefined): string | null {
    const there = get(key)
    if (there !== null && there !== stale) return there
    set(key, value, ttlMs)
    return null
  }

  function fill(key: string, ticket: string, value: string, ttlMs: number): boolean {
    const isMine = get(key)?.startsWith(`{"version":0,"ticket":"${ticket}"`) === true
    if (isMine) set(key, value, ttlMs)
    return isMine
  }

  function refresh({ key, value, ttlMs, mode }: Refresh): void {
    const there = get(key)
    if (mode === 'always') set(key, value, ttlMs)
    else if (there !== null && isNewer(head(value), head(there))) set(key, value, ttlMs)
  }

  /** A command on its way: it may arrive after its caller has given up, and after commands that were sent later. */
  function send<T>(trip: Trip, command: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const inTime = time.after(TIMEOUT_MS, () => reject(new CacheUnavailable('no reply in time')))
      time.after(trip(), () => {
        const reply = command()
        time.after(trip(), () => {
          inTime()
          resolve(reply)
        })
      })
    })
  }

  return {
    connect: (trip) => ({
      local: false,
      read: (keys) => send(trip, () => keys.map(get)),
      take: (key, value, ttlMs, stale) => send(trip, () => take(key, value, ttlMs, stale)),
      fill: (key, ticket, value, ttlMs) => send(trip, () => fill(key, ticket, value, ttlMs)),
      async refresh(entries) {
        await Promise.all(entries.map((entry) => send(trip, () => refresh(entry))))
      },
      close: async () => {},
    }),
    evict: () => held.delete([...held.keys()][chance.between(0, held.size)] ?? ''),
  }
}

function head(text: string): { version: number; epoch: number } {
  const [, version, epoch] = /^\{"version":(\d+)(?:,"epoch":(\d+))?/.exec(text) ?? []
  return { version: Number(version), epoch: Number(epoch ?? 0) }
}

const isNewer = (a: { version: number; epoch: number }, b: { version: number; epoch: number }): boolean =>
  a.version > b.version || (a.version === b.version && a.epoch > b.epoch)
