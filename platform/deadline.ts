import { performance } from 'node:perf_hooks'
import type { Clock } from './waiting.ts'

// A deadline that rings late rings for this process, whose loop stood still, and not for the other side, whose answer may be
// waiting to be read: then it is set again, a few times at most.
const EXCUSES = 3
const isExcused = (lateMs: number, ms: number): boolean => lateMs > ms / 4

/** Calls after `ms`, unless it is cancelled before. */
export function alarm(ms: number, ring: () => void): { cancel(): void } {
  let due = 0
  let timer: NodeJS.Timeout
  let excuses = EXCUSES
  const set = () => {
    due = performance.now() + ms
    timer = setTimeout(come, ms)
  }
  const come = () => {
    if (isExcused(performance.now() - due, ms) && excuses-- > 0) set()
    else ring()
  }
  set()
  return { cancel: () => clearTimeout(timer) }
}

/** An alarm by a clock: resolves after `ms`, or when the signal fires. */
export async function timeIsUp(
  ms: number,
  signal: AbortSignal,
  clock: Pick<Clock, 'monotonic' | 'sleep'>,
): Promise<void> {
  for (let excuses = EXCUSES; ; excuses--) {
    const due = clock.monotonic() + ms
    await clock.sleep(ms, signal)
    if (signal.aborted || excuses === 0 || !isExcused(clock.monotonic() - due, ms)) return
  }
}

/** Rejects if `work` has not settled after `ms`. */
export function withDeadline<T>(work: Promise<T>, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const { cancel } = alarm(ms, () => reject(new NoAnswer(ms)))
    work.then(resolve, reject).finally(cancel)
  })
}

export class NoAnswer extends Error {
  constructor(ms: number) {
    super(`no answer within ${ms} ms`)
    this.name = 'NoAnswer'
  }
}
