import { performance } from 'node:perf_hooks'

/** Saves callers from waiting for a part that does not answer: after a few failures they are refused at once. */
export interface Breaker {
  /** Runs `work`, whose rejection may count as a failure. @throws BreakerOpen without running it */
  run<T>(work: () => Promise<T>): Promise<T>
  /** Something else told that the part is back. */
  close(): void
}

export interface BreakerOptions {
  /** Failures in a row that open it. */
  failures?: number
  /** How long everyone is refused; after it one call at a time is let through, and decides. */
  restMs?: number
  /** Whether a rejection says that the part is away; by default each does. Any other is an answer, as good as a success. */
  isOutage?: (error: unknown) => boolean
  now?: () => number
}

export function createBreaker({
  failures = 3,
  restMs = 250,
  isOutage = () => true,
  now = () => performance.now(),
}: BreakerOptions = {}): Breaker {
  let failed = 0
  let openUntil = 0
  let probing = false

  function enter(): boolean {
    if (failed < failures) return false
    if (probing || now() < openUntil) throw new BreakerOpen()
    probing = true
    return true
  }

  function close() {
    failed = 0
  }

  return {
    async run(work) {
      const probe = enter()
      try {
        const result = await work()
        close()
        return result
      } catch (error) {
        if (isOutage(error)) {
          failed++
          openUntil = now() + restMs
        } else close()
        throw error
      } finally {
        if (probe) probing = false
      }
    },
    close,
  }
}

export class BreakerOpen extends Error {
  constructor() {
    super('not tried, because it failed a moment ago')
    this.name = 'BreakerOpen'
  }
}
