/** Time that passes only as far as the simulation lets it; what is due at one instant happens in the order it was asked. */
export interface Time {
  now(): number
  /** Infinity is never. The function returned calls it off. */
  after(ms: number, action: () => void): () => void
  sleep(ms: number): Promise<void>
  /** Lets everything happen that is due up to then, each thing with all that follows from it at once. */
  runUntil(ms: number): Promise<void>
}

interface Due {
  at: number
  action: () => void
}

export function createTime(): Time {
  let now = 0
  const agenda: Due[] = []

  function after(ms: number, action: () => void): () => void {
    const due = { at: now + ms, action }
    if (due.at === Number.POSITIVE_INFINITY) return () => {}
    let place = agenda.length
    while (place > 0 && agenda[place - 1]!.at > due.at) place--
    agenda.splice(place, 0, due)
    return () => {
      const there = agenda.indexOf(due)
      if (there >= 0) agenda.splice(there, 1)
    }
  }

  return {
    now: () => now,
    after,
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
