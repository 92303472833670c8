import { openMemoryCache } from '../../cache/memory.ts'
import { type Cache, CacheUnavailable } from '../../cache/port.ts'
import type { Chance } from './chance.testing.ts'
import type { Time } from './time.testing.ts'
import type { Trip } from './weather.testing.ts'

const TIMEOUT_MS = 100

/** One cache, and connections to it that lose, delay and overtake. */
export interface Redis {
  connect(trip: Trip): Cache
  /** Forgets some keys. */
  evict(): void
}

export function createRedis(time: Time, chance: Chance): Redis {
  const held = openMemoryCache({ now: time.now })
  const keys = new Set<string>()

  /** A command on its way: it may arrive after its caller has given up, and after commands that were sent later. */
  function send<T>(trip: Trip, command: () => Promise<T>): Promise<T> {
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
      read: (wanted) => send(trip, () => held.read(wanted)),
      take(key, value, ttlMs, stale) {
        keys.add(key)
        return send(trip, () => held.take(key, value, ttlMs, stale))
      },
      fill: (key, ticket, value, ttlMs) => send(trip, () => held.fill(key, ticket, value, ttlMs)),
      async refresh(entries) {
        await Promise.all(entries.map((entry) => send(trip, () => held.refresh([entry]))))
      },
      close: async () => {},
    }),
    evict() {
      for (const key of keys) {
        if (chance.of(0.6)) void held.refresh([{ key, value: '', ttlMs: 0, mode: 'always' }])
      }
    },
  }
}
