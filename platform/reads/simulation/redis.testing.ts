import { type Cache, CacheUnavailable, type Refresh } from '../../cache/port.ts'
import type { Agenda } from './agenda.testing.ts'
import type { Chance } from './chance.testing.ts'

/** The cache as the port specifies it, and connections that lose, delay and overtake. */
export interface Redis {
  /** @param whose names the kinds of what happens on it */
  connect(whose: string): Cache
  /** From now on nothing is lost. */
  calm(): void
  /** Forgets some key. */
  evict(): void
}

export function createRedis(agenda: Agenda, chance: Chance): Redis {
  let trouble = 1
  const held = new Map<string, { text: string; until: number }>()

  const get = (key: string): string | null => {
    const entry = held.get(key)
    return entry !== undefined && entry.until > agenda.now() ? entry.text : null
  }
  const set = (key: string, text: string, ttlMs: number) => held.set(key, { text, until: agenda.now() + ttlMs })

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
  const open = (whose: string) => {
    const loss = chance.of(0.4) ? 0 : 0.7 * chance.unit()
    const passOn = (what: string, action: () => void) => {
      if (!chance.of(trouble * loss)) agenda.may(`${whose} ${what}`, action)
    }
    return <T>(command: () => T): Promise<T> =>
      new Promise((resolve, reject) => {
        const inTime = agenda.may(`${whose} timeout`, () => reject(new CacheUnavailable('no reply in time')))
        passOn('command', () => {
          const reply = command()
          passOn('reply', () => {
            inTime()
            resolve(reply)
          })
        })
      })
  }

  return {
    connect(whose) {
      const send = open(whose)
      return {
        local: false,
        read: (keys) => send(() => keys.map(get)),
        take: (key, value, ttlMs, stale) => send(() => take(key, value, ttlMs, stale)),
        fill: (key, ticket, value, ttlMs) => send(() => fill(key, ticket, value, ttlMs)),
        async refresh(entries) {
          await Promise.all(entries.map((entry) => send(() => refresh(entry))))
        },
        close: async () => {},
      }
    },
    calm() {
      trouble = 0
    },
    evict: () => held.delete([...held.keys()][chance.between(0, held.size)] ?? ''),
  }
}

function head(text: string): { version: number; epoch: number } {
  const [, version, epoch] = /^\{"version":(\d+)(?:,"epoch":(\d+))?/.exec(text) ?? []
  return { version: Number(version), epoch: Number(epoch ?? 0) }
}

const isNewer = (a: { version: number; epoch: number }, b: { version: number; epoch: number }): boolean =>
  a.version > b.version || (a.version === b.version && a.epoch > b.epoch)
