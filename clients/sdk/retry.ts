import type { TrefoilError } from './errors.ts'

/** Milliseconds. */
const FIRST_PAUSE = 100
const LONGEST_PAUSE = 5_000

/** Answers of a server that has no time for it, or of a proxy whose server has gone. */
const PASSING = new Set([429, 502, 503, 504])

/** Refusals at the door: nothing of the call has been done. */
const BEFORE_ALL = new Set<string>(['rate.limited', 'service.starting', 'token.behind', 'gateway.unavailable'])

/**
 * Whether trying again may help, and cannot do harm.
 * @param repeatable true for what may be done twice: a query, or a change under its Idempotency-Key
 */
export function mayRetry({ code, status = 0 }: Pick<TrefoilError, 'code' | 'status'>, repeatable: boolean): boolean {
  if (!repeatable) return BEFORE_ALL.has(code)
  return code === 'client.network' || PASSING.has(status)
}

/**
 * Milliseconds before the next attempt: what the server asks for, and then anything between nothing and twice as much
 * as at the attempt before ("full jitter"), so that those who failed together do not come back together.
 * @param failed attempts so far, from 1
 * @param retryAfter seconds
 * @param random from 0 up to 1
 */
export function pauseBefore(failed: number, retryAfter: number | undefined, random: () => number): number {
  const most = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (failed - 1))
  return (retryAfter ?? 0) * 1000 + random() * most
}

/**
 * Milliseconds before a change is repeated that was accepted, and not decided yet: half of it chance, and never nothing,
 * since each repeat is another command.
 * @param asked repeats so far, from 1
 */
export function pauseBetween(asked: number, random: () => number): number {
  const most = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** asked)
  return (most / 2) * (1 + random())
}
