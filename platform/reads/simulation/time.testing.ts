import type { Chance } from './chance.testing.ts'

/** Instead of a number of milliseconds: until some later moment at which things change, when it does most harm. */
export const HELD = -1

/** Time that passes only as far as the simulation lets it; what is due at one instant happens in the order it was asked. */
export interface Time {
  now(): number
  /** Infinity is never. The function returned calls it off. */
  after(ms: number, action: () => void): () => void
  sleep(ms: number): Promise<void>
  /** Things change now: some of what is held is let go. */
  moment(): void
  /** Lets everything happen that is due up to then, each thing with all that follows from it at once. */
  runUntil(ms: number): Promise<void>
}

interface Due {
  at: number
  action: () => void
}

export function createTime(chance: Chance): Time {
  let now = 0
  const agenda: Due[] = []

  let held: Due[] = []

  function put(due: Due): void {
    let place = agenda.length
    while (place > 0 && agenda[place - 1]!.at > due.at) place--
    agenda.splice(place, 0, due)
  }

  function after(ms: number, action: () => void): () => void {
    const due = { at: now + ms, action }
    if (ms === HELD) held.push(due)
    else if (ms !== Number.POSITIVE_INFINITY) put(due)
    return () => {
      const there = agenda.indexOf(due)
      if (there >= 0) agenda.splice(there, 1)
    }
  }

  function moment(): void {
    const staying: Due[] = []
    for (const due of held) {
      if (chance.of(0.6)) staying.push(due)
      else put({ at: now + chance.between(0, 12), action: due.action })
    }
    held = staying
  }

  return {
    now: () => now,
    after,
    moment,
    sleep: (ms) => new Promise((resolve) => after(ms, resolve)),
    async runUntil(ms) {
      for (let due = agenda[0]; due !== undefined && due.at <= ms; due = agenda[0]) {
        agenda.shift()
        now = due.at
        due.action()
        await new Promise((resolve) => setImmediate(resolve))
      }
      now = ms
    },
  }
}
