/** Time as the client uses it; a test brings its own. */
export interface Clock {
  /** Wall clock, milliseconds since 1970: for when a token expires. */
  now(): number
  /** Monotonic, milliseconds: for durations. */
  monotonic(): number
  /** Resolves after so many milliseconds, or at once when the signal fires; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** The longest time that a timer can be set to; a longer one would go off at once. */
const LONGEST = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve()
      const done = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, Math.min(ms, LONGEST))
      signal?.addEventListener('abort', done, { once: true })
    }),
}
