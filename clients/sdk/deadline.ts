import type { Clock } from './clock.ts'

/** The time that something has: it ends when time is up, or when the caller's signal fires. */
export interface Deadline {
  /** Fires with either. */
  readonly signal: AbortSignal
  /** Which of the two it was; undefined while there is time. */
  readonly over: 'timeout' | 'aborted' | undefined
  /** Milliseconds. */
  remaining(): number
  /** The promise's result, or a rejection as soon as time is over; the promise is then left to itself. */
  race<T>(promise: Promise<T>): Promise<T>
  /** Resolves after so long. Rejects as soon as time is over. */
  sleep(ms: number): Promise<void>
  /** Lets go of the timer and of the caller's signal. */
  end(): void
}

/** Why `race` and `sleep` reject; `over` says the rest. */
export class Over extends Error {
  override name = 'Over'
}

/** @param ms Infinity for no limit */
export function startDeadline(ms: number, signal: AbortSignal | undefined, clock: Clock): Deadline {
  const ends = clock.monotonic() + ms
  const ending = new AbortController()
  const ended = new AbortController()
  let over: Deadline['over']

  const stop = (why: Deadline['over'], reason: unknown) => {
    over ??= why
    ending.abort(reason)
  }
  const aborted = () => stop('aborted', signal?.reason)
  if (signal?.aborted) aborted()
  else signal?.addEventListener('abort', aborted, { once: true })
  if (ms < Number.POSITIVE_INFINITY) {
    void clock.sleep(Math.max(0, ms), ended.signal).then(() => {
      if (!ended.signal.aborted) stop('timeout', new DOMException('Time is up.', 'TimeoutError'))
    })
  }

  function race<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const fire = () => reject(new Over('time is over', { cause: ending.signal.reason }))
      if (ending.signal.aborted) fire()
      else ending.signal.addEventListener('abort', fire, { once: true })
      promise.then(resolve, reject).finally(() => ending.signal.removeEventListener('abort', fire))
    })
  }

  return {
    signal: ending.signal,
    get over() {
      return over
    },
    remaining: () => Math.max(0, ends - clock.monotonic()),
    race,
    sleep: (pause) => race(clock.sleep(pause, ending.signal)),
    end() {
      ended.abort()
      signal?.removeEventListener('abort', aborted)
    },
  }
}
