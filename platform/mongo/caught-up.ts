import type { Queryable } from '../sql/port.ts'
import { type Clock, systemClock } from '../waiting.ts'
import type { Cursors } from './cursors.ts'

/** How long a "not yet" is believed. */
const LOOK_MS = 250

const TOLD = 'SELECT partition, served FROM consumer_progress'

/**
 * Whether this database holds all that was ever told, so that it may be read: not before a new one has been filled, nor
 * before an old copy has been brought up to date. Once it does it always will: the consumer writes it first, and tells after
 * it. Whoever cannot be asked counts as a no.
 */
export function createCaughtUp(
  sql: Queryable,
  cursors: Pick<Cursors, 'all'>,
  clock: Clock = systemClock,
): () => Promise<boolean> {
  let done = false
  let looked = Number.NEGATIVE_INFINITY
  let answer: Promise<boolean>

  async function look(): Promise<boolean> {
    const told = await sql.query<{ partition: number; served: number }>(TOLD, [], 'served')
    const here = await cursors.all()
    done = told.every(({ partition, served }) => (here.get(partition) ?? -1) >= served)
    return done
  }

  return async () => {
    if (done) return true
    if (clock.monotonic() - looked >= LOOK_MS) {
      looked = clock.monotonic()
      answer = look().catch(() => false)
    }
    return answer
  }
}
