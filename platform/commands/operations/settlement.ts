import { Failure } from '../../errors/failure.ts'
import type { Clock } from '../../waiting.ts'
import type { Entity, Outcome, Position } from '../command.ts'
import type { Mark, Watermarks } from '../watermarks/watermarks.ts'
import type { Outcomes } from './outcomes.ts'

/** What can be told of the command at a position. */
export type Settlement =
  /** The outcome that answers it: its own, or the first one's where it repeats. */
  | { state: 'told'; outcome: Outcome }
  /** Undecided, or decided and not readable yet. */
  | { state: 'pending' }
  /** It was decided, and nothing is left of it: older than outcomes are kept. */
  | { state: 'gone' }

/** Waits, so long at most, until what became of a command can be told. @throws what Outcomes does */
export type Settle = (position: Position, mark: Mark, timeoutMs: number, signal?: AbortSignal) => Promise<Settlement>

/** Reading an outcome is given this long, however short the wait was. */
const LOOKUP_MS = 2_000

const pending: Settlement = { state: 'pending' }

export function createSettle(watermarks: Watermarks, outcomes: Outcomes, clock: Clock): Settle {
  const isDecided = ({ partition, offset }: Position): boolean => watermarks.at(partition, 'decided') > offset

  return async (position, mark, timeoutMs, signal) => {
    const end = clock.monotonic() + timeoutMs
    let reached = await watermarks.reach([position], mark, timeoutMs, signal)
    if (!reached && !isDecided(position)) return pending

    let outcome = await lookUp(position)
    if (outcome?.repeats) {
      const first = outcome.repeats // possibly in another partition, which has marks of its own
      reached = (await watermarks.reach([first], mark, end - clock.monotonic(), signal)) && reached
      if (!reached && !isDecided(first)) return pending
      outcome = await lookUp(first)
    }
    if (outcome === null) return pending
    if (outcome === undefined) return { state: 'gone' }
    // A refusal makes nothing that would have to be readable first.
    return reached || outcome.rejection ? { state: 'told', outcome } : pending

    /** Undefined where there is none, null where it was not read in time. */
    async function lookUp(at: Position): Promise<Outcome | undefined | null> {
      const over = new AbortController()
      const giveUp = () => over.abort()
      if (signal?.aborted) giveUp()
      signal?.addEventListener('abort', giveUp, { once: true })
      const late = clock.sleep(Math.max(LOOKUP_MS, end - clock.monotonic()), over.signal).then(() => null)
      try {
        return await Promise.race([outcomes.at(at).then((row) => row?.outcome), late])
      } finally {
        giveUp()
        signal?.removeEventListener('abort', giveUp)
      }
    }
  }
}

/** The entity as decided by this outcome. @throws Failure its rejection */
export function entityOf({ entity, events, entityAsIs, rejection, type }: Outcome): Entity {
  if (rejection) throw new Failure(rejection.code, rejection.detail, { extra: rejection.extra })
  const decided = events.findLast(({ id }) => id === entity)?.data ?? entityAsIs
  if (!decided) throw new Error(`the outcome of ${type} does not say what became of ${entity}`)
  return decided
}
