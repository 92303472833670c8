import { setTimeout as sleep } from 'node:timers/promises'
import { TRPCClientError } from '@trpc/client'
import { told, Unreachable } from './trouble.ts'

export interface Patience {
  /** No further try is made once it fires. */
  signal: AbortSignal
  /** For how long it is tried. */
  limitMs?: number
  now?: () => number
  wait?: (ms: number) => Promise<unknown>
}

/** Calls until there is an answer that lasts. Only for what may be called twice: reads, and changes under an Idempotency-Key. */
export async function patiently<Answer>(call: () => Promise<Answer>, patience: Patience): Promise<Answer> {
  const {
    signal,
    limitMs = 60_000,
    now = () => performance.now(),
    wait = (ms) => sleep(ms, undefined, { signal }),
  } = patience
  const until = now() + limitMs
  for (let attempt = 0; ; attempt++) {
    try {
      return await call()
    } catch (error) {
      const pause = pauseAfter(error, attempt)
      if (pause === undefined || now() + pause > until) throw error
      signal.throwIfAborted()
      await wait(pause).catch(() => signal.throwIfAborted())
    }
  }
}

/** Milliseconds until it makes sense to try again; undefined where it never does. */
function pauseAfter(error: unknown, attempt: number): number | undefined {
  const data = told(error)
  const passes = data ? [429, 503].includes(data.httpStatus) : wasUnreachable(error)
  if (!passes) return undefined
  return (data?.retryAfter ?? 0) * 1000 || Math.min(5000, 100 * 2 ** attempt) * (0.5 + Math.random() / 2)
}

const wasUnreachable = (error: unknown): boolean =>
  error instanceof Unreachable || (error instanceof TRPCClientError && error.cause instanceof Unreachable)
