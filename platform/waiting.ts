/** Time as the system uses it: injected, so that it can be simulated. */
export interface Clock {
  /** Wall clock, milliseconds: for what is written down. */
  now(): number
  /** Monotonic, milliseconds: for durations. */
  monotonic(): number
  /** Resolves after that time, or at once when the signal fires; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep,
}

/** As a clock's. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const done = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', done, { once: true })
  })
}

export interface Backoff {
  clock: Clock
  signal: AbortSignal
  /** The longest wait in milliseconds; 5000 by default. */
  longest?: number
  /** Told before each wait. */
  onRetry?: (error: unknown, attempt: number) => void
  /** An error for which this is false is thrown at once. */
  retryable?: (error: unknown) => boolean
}

/**
 * Calls until it succeeds, from 50 ms to the longest wait apart, with jitter.
 * @throws the signal's reason once that has fired, whatever the work says then; else what is not retryable
 */
export async function retrying<T>(work: () => Promise<T>, backoff: Backoff): Promise<T> {
  const { clock, signal, longest = 5000, onRetry, retryable } = backoff
  for (let attempt = 0; ; attempt++) {
    signal.throwIfAborted()
    try {
      return await work()
    } catch (error) {
      signal.throwIfAborted()
      if (retryable?.(error) === false) throw error
      onRetry?.(error, attempt)
      await clock.sleep(Math.min(longest, 50 * 2 ** attempt) * (0.5 + Math.random() / 2), signal)
    }
  }
}

/** Runs one at a time, in the order of the calls. */
export function createTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const turn = last.then(work, work)
    last = turn.catch(() => undefined)
    return turn
  }
}

/** Waits for a promise at most that long; undefined if it took longer. The timer does not outlive the promise. */
export async function within<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, ms, undefined)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

/** True once the promise has settled in either way, false if `ms` pass before. */
export async function settles(promise: Promise<unknown>, ms: number): Promise<boolean> {
  const done = () => true
  return (await within(promise.then(done, done), ms)) ?? false
}

/** Resolves when the function given to `subscribe` is called, or when the signal fires; `unsubscribe` is called in both cases. */
export async function woken(
  signal: AbortSignal,
  subscribe: (wake: () => void) => void,
  unsubscribe: (wake: () => void) => void,
): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => {
    function wake(): void {
      unsubscribe(wake)
      signal.removeEventListener('abort', wake)
      resolve()
    }
    signal.addEventListener('abort', wake)
    subscribe(wake)
  })
}

/** A promise, and what resolves it. */
export interface Deferred<T> {
  promise: Promise<T>
  resolve(value: T): void
}

export function deferred<T>(): Deferred<T> {
  let resolve!: (value: T) => void
  const promise = new Promise<T>((keep) => {
    resolve = keep
  })
  return { promise, resolve }
}
