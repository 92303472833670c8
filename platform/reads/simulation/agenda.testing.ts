import type { Chance } from './chance.testing.ts'

/**
 * All that may happen next, by kind. Chance picks one, and everything that follows from it at once happens before the next:
 * what is late or lost is what is not picked. A kind is as likely as the run's own weight for it, so that in some
 * runs loads are slow, in others replies get lost, in others owners are hasty. Time passes only as a kind of its own.
 */
export interface Agenda {
  /** Milliseconds. */
  now(): number
  /** May happen once, at any time from now on. The function returned takes it off. */
  may(kind: string, action: () => void): () => void
  /** Resolves when it is picked. */
  happens(kind: string): Promise<void>
  /** Resolves as soon as it is that late. */
  until(ms: number): Promise<void>
  /** May happen again and again; seldom, where likely is small. */
  always(kind: string, likely: number, action: () => void): void
  /** Picks at random. */
  runSteps(steps: number): Promise<void>
  /** From now on everything happens in its order and nothing of what is `always`; lets this much time pass. */
  runCalmly(ms: number): Promise<void>
}

export const TICK_MS = 125

interface Kind {
  weight: number
  lasting: (() => void) | undefined
  pending: (() => void)[]
}

/** @param likely how a kind's weight differs from the usual, from 0 to 1 */
export function createAgenda(chance: Chance, likely: Readonly<Record<string, number>>): Agenda {
  let now = 0
  const kinds = new Map<string, Kind>()
  const waiting: { at: number; resume: () => void }[] = []

  function kindOf(name: string): Kind {
    let kind = kinds.get(name)
    if (kind === undefined) {
      kind = { weight: (likely[name] ?? 1) * 10 ** (-2 * chance.unit()), lasting: undefined, pending: [] }
      kinds.set(name, kind)
    }
    return kind
  }

  function pick(): (() => void) | undefined {
    const possible = [...kinds.values()].filter((kind) => kind.lasting !== undefined || kind.pending.length > 0)
    let place = chance.unit() * possible.reduce((sum, kind) => sum + kind.weight, 0)
    const kind = possible.find((each) => (place -= each.weight) <= 0)
    return kind?.lasting ?? kind?.pending.splice(chance.between(0, kind.pending.length), 1)[0]
  }

  const takePending = (isMeant: (name: string) => boolean): (() => void)[] =>
    [...kinds].flatMap(([name, kind]) => (isMeant(name) ? kind.pending.splice(0) : []))

  function tick(): void {
    now += TICK_MS
    for (const { at, resume } of waiting.splice(0)) {
      if (at > now) waiting.push({ at, resume })
      else resume()
    }
  }

  async function run(action: () => void): Promise<void> {
    action()
    await new Promise((resolve) => setImmediate(resolve))
  }

  function may(name: string, action: () => void): () => void {
    const { pending } = kindOf(name)
    pending.push(action)
    return () => {
      const place = pending.indexOf(action)
      if (place >= 0) pending.splice(place, 1)
    }
  }

  kindOf('tick').lasting = tick

  return {
    now: () => now,
    may,
    happens: (kind) => new Promise((resolve) => may(kind, resolve)),
    until: (at) =>
      new Promise((resume) => {
        if (at <= now) resume()
        else waiting.push({ at, resume })
      }),
    always(name, weight, action) {
      const kind = kindOf(name)
      kind.weight *= weight
      kind.lasting = action
    },
    async runSteps(steps) {
      for (let step = 0; step < steps; step++) await run(pick() ?? tick)
    },
    async runCalmly(ms) {
      const end = now + ms
      while (now < end) {
        // Time is up for what was lost, once nothing can be late any more.
        const due = takePending((name) => !name.endsWith('timeout'))
        if (due.length === 0) due.push(...takePending(() => true), tick)
        for (const action of due) await run(action)
      }
    },
  }
}
