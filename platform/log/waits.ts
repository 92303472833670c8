import { setTimeout as pause } from 'node:timers/promises'

/** Waits so long, or until the signal fires, whichever is first; never throws. */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  await pause(ms, undefined, { signal }).catch(() => undefined)
}

/** True once the promise has settled in either way, false if `ms` pass before. */
export async function settles(promise: Promise<unknown>, ms: number): Promise<boolean> {
  const late = new AbortController()
  const done = promise.then(
    () => true,
    () => true,
  )
  try {
    return await Promise.race([done, sleep(ms, late.signal).then(() => false)])
  } finally {
    late.abort()
  }
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

export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}

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
