import { timeIsUp } from '../deadline.ts'
import { Failure } from '../errors/failure.ts'
import { type Clock, systemClock } from '../waiting.ts'

/** Keeps a store from being run over when the cache cannot answer for it. */
export interface LoadLimit {
  /**
   * Runs the load when there is a place for it.
   * @throws Failure `service.overloaded` when the queue is full, or no place came free within the deadline;
   *   `store.unavailable` when the load itself did not end within it (it keeps its place until it does)
   */
  run<T>(load: () => Promise<T>): Promise<T>
}

export interface LoadLimits {
  running: number
  queued: number
  deadlineMs: number
}

export function createLoadLimit(
  limits: LoadLimits,
  clock: Pick<Clock, 'monotonic' | 'sleep'> = systemClock,
): LoadLimit {
  let running = 0
  const queue = new Set<() => void>()

  function leave(): void {
    running--
    const [begin] = queue
    if (begin === undefined) return
    queue.delete(begin)
    begin()
  }

  return {
    run<T>(load: () => Promise<T>) {
      const full = running >= limits.running
      if (full && queue.size >= limits.queued) return Promise.reject(overloaded())
      return new Promise<T>((resolve, reject) => {
        const ended = new AbortController()
        const begin = async () => {
          running++
          try {
            resolve(await load())
          } catch (error) {
            reject(error)
          } finally {
            ended.abort()
            leave()
          }
        }
        const giveUp = () => {
          if (!ended.signal.aborted) reject(queue.delete(begin) ? overloaded() : late())
        }
        void timeIsUp(limits.deadlineMs, ended.signal, clock).then(giveUp)
        if (full) queue.add(begin)
        else begin()
      })
    },
  }
}

const overloaded = () => new Failure('service.overloaded', undefined, { retryAfter: 1 })
const late = () => new Failure('store.unavailable', undefined, { retryAfter: 1 })
