import { setImmediate } from 'node:timers'
import type { Clock } from '../waiting.ts'

export interface SimulatedClock extends Clock {
  /** Lets time pass: wakes whoever is due in order, each at its own time, and lets promises go on in between. */
  pass(ms: number): Promise<void>
  /** Those who sleep. */
  readonly sleepers: number
}

interface Sleeper {
  due: number
  wake(): void
}

/** A clock that stands until it is told to move. */
export function createSimulatedClock(startsAt = Date.UTC(2030, 0, 1)): SimulatedClock {
  const sleepers = new Set<Sleeper>() // in the order in which they lay down
  let elapsed = 0

  function nextBefore(end: number): Sleeper | undefined {
    let next: Sleeper | undefined
    for (const sleeper of sleepers) if (sleeper.due <= end && !(next && next.due <= sleeper.due)) next = sleeper
    return next
  }

  return {
    now: () => startsAt + elapsed,
    monotonic: () => elapsed,

    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve()
        const sleeper: Sleeper = {
          due: elapsed + ms,
          wake() {
            sleepers.delete(sleeper)
            signal?.removeEventListener('abort', sleeper.wake)
            resolve()
          },
        }
        sleepers.add(sleeper)
        signal?.addEventListener('abort', sleeper.wake, { once: true })
      }),

    async pass(ms) {
      const end = elapsed + ms
      await settled()
      for (let next = nextBefore(end); next; next = nextBefore(end)) {
        elapsed = Math.max(elapsed, next.due)
        next.wake()
        await settled()
      }
      elapsed = end
    },

    get sleepers() {
      return sleepers.size
    },
  }
}

/** Lets every promise that can go on now go on. */
export const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))
