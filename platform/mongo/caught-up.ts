import { createSingleFlight } from '../reads/single-flight.ts'
import type { Queryable } from '../sql/port.ts'
import { type Clock, systemClock } from '../waiting.ts'
import type { Cursors } from './cursors.ts'

/** How long an answer is believed. */
const LOOK_MS = 250

const TOLD = 'SELECT partition, served FROM consumer_progress'

/**
 * Whether this database holds all that was ever told, so that it may be read: not before a new one has been filled, nor
 * before an old copy has been brought up to date, nor after it has lost what it had. The consumer writes it first and tells after
 * it, so one that holds everything never seems to be behind.
 */
export interface CaughtUp {
  /** As it was seen a moment ago: whether to read there. Where it cannot be asked, it is as it was. */
  lately(): Promise<boolean>
  /** By a look at the database that begins now: whether what was just read there counts. @throws where it cannot be asked */
  still(): Promise<boolean>
}

export function createCaughtUp(sql: Queryable, cursors: Pick<Cursors, 'all'>, clock: Clock = systemClock): CaughtUp {
  const flights = createSingleFlight()
  let told: { partition: number; served: number }[] = []
  let looked = Number.NEGATIVE_INFINITY
  let looking = false
  let answer = false

  async function holds(): Promise<boolean> {
    const least = told // what is told from now on may be written after the look
    const here = await cursors.all()
    answer = least.every(({ partition, served }) => (here.get(partition) ?? -1) >= served)
    return answer
  }

  async function look(): Promise<void> {
    told = await sql.query(TOLD, [], 'served')
    await holds()
  }

  return {
    /** One looks, and the others do not wait for it: neither for a store that hangs. */
    async lately() {
      if (!looking && clock.monotonic() - looked >= LOOK_MS) {
        looked = clock.monotonic()
        looking = true
        await look().catch(() => undefined)
        looking = false
      }
      return answer
    },
    still: () => flights.run('', holds),
  }
}
