import type { Cache } from '../../cache/port.ts'
import type { Chance } from './chance.testing.ts'
import type { Database } from './database.testing.ts'
import { POLL_MS } from './instance.testing.ts'
import type { Subject } from './subjects.testing.ts'
import type { Time } from './time.testing.ts'
import type { Weather } from './weather.testing.ts'

export interface OwnerParts {
  time: Time
  chance: Chance
  weather: Weather
  database: Database
  /** A connection of its own. */
  cache: Cache
  subject: Subject
  /** A change is near. */
  onChange: () => void
  onTold: () => void
  onRaised: (partition: number, epoch: number) => void
}

class Fenced extends Error {}

/**
 * One owner's life with a partition, by the rules of the protocol: it takes over, makes versions, brings the cache up and
 * tells. It may dawdle anywhere so long that another has taken over, which is also what a crash looks like.
 */
export async function own(partition: number, versions: number, parts: OwnerParts): Promise<void> {
  const { time, chance, weather, database, cache, subject, onChange, onTold, onRaised } = parts
  const row = database.rows[partition]!
  let epoch = -1
  let shut = false

  const mine = <T>(statement: () => T): Promise<T> =>
    database.query(weather.statement, () => {
      if (row.epoch !== epoch) throw new Fenced()
      return statement()
    })

  async function raise(toShut: boolean): Promise<number> {
    const raised = await mine(() => ({ epoch: database.raise(partition, toShut), at: time.now() }))
    epoch = raised.epoch
    shut = toShut
    time.moment()
    onRaised(partition, epoch)
    return raised.at
  }

  const twoPollsAfter = (raised: number) => time.sleep(Math.max(0, raised + 2 * POLL_MS - time.now()))

  async function takeOver(): Promise<void> {
    const at = await database.query(weather.statement, () => {
      epoch = database.raise(partition, false)
      return time.now()
    })
    onRaised(partition, epoch)
    await twoPollsAfter(at)
    await tell(await mine(() => row.version))
  }

  function tell(version: number): Promise<void> {
    return mine(() => {
      row.told = Math.max(row.told, version)
      onTold()
      time.moment()
    })
  }

  /** What is known of other partitions is as old as the commit. */
  const bringUp = (version: number, epochs: readonly number[]): Promise<void> =>
    cache.refresh(subject.changed(partition, version, epochs.with(partition, epoch), chance))

  async function change(): Promise<void> {
    const { version, epochs } = await mine(() => {
      row.version++
      time.moment()
      return { version: row.version, epochs: database.rows.map((each) => each.epoch) }
    })
    await time.sleep(weather.pause())
    if (!shut && !(await succeeds(bringUp(version, epochs)))) await twoPollsAfter(await raise(chance.of(0.5)))
    time.moment()
    await tell(version)
  }

  try {
    await takeOver()
    for (let made = 0; made < versions; made++) {
      onChange()
      time.moment()
      await time.sleep(weather.pause())
      await change()
      if (shut && (await succeeds(cache.read(['probe'])))) await raise(false)
    }
  } catch (error) {
    if (!(error instanceof Fenced)) throw error
  }
}

const succeeds = (work: Promise<unknown>): Promise<boolean> =>
  work.then(
    () => true,
    () => false,
  )
