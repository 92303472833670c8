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
  let answer = Promise.resolve(false)

  async function look(before: boolean): Promise<boolean> {
    try {
      const told = await sql.query<{ partition: number; served: number }>(TOLD, [], 'served')
      const here = await cursors.all()
      return told.every(({ partition, served }) => (here.get(partition) ?? -1) >= served)
    } catch {
      return before
    }
  }

  return () => {
    if (clock.monotonic() - looked >= LOOK_MS) {
      looked = clock.monotonic()
      answer = answer.then(look)
    }
    return answer
  }
}
