import type { Queryable } from '../sql/port.ts'
import { type Clock, systemClock } from '../waiting.ts'
import type { Cursors } from './cursors.ts'

/** How long an answer is believed. */
const LOOK_MS = 250

const TOLD = 'SELECT partition, served FROM consumer_progress'

/**
 * Whether this database holds all that was ever told, so that it may be read: not before a new one has been filled, nor
 * before an old copy has been brought up to date, nor after it has lost what it had. The consumer writes it first and tells after
 * it, so one that holds everything never seems to be behind. Where it cannot be asked, it is as it was.
 */
export function createCaughtUp(
  sql: Queryable,
  cursors: Pick<Cursors, 'all'>,
  clock: Clock = systemClock,
): () => Promise<boolean> {
  let looked = Number.NEGATIVE_INFINITY
  let looking = false
  let answer = false

  async function look(): Promise<boolean> {
    const told = await sql.query<{ partition: number; served: number }>(TOLD, [], 'served')
    const here = await cursors.all()
    return told.every(({ partition, served }) => (here.get(partition) ?? -1) >= served)
  }

  /** One looks, and the others do not wait for it: neither for a store that hangs. */
  return async () => {
    if (!looking && clock.monotonic() - looked >= LOOK_MS) {
      looked = clock.monotonic()
      looking = true
      answer = await look().catch(() => answer)
      looking = false
    }
    return answer
  }
}
