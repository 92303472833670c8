import type { Cache } from '../../cache/port.ts'
import { createReads } from '../mod.ts'
import type { ReadResult } from '../parts.ts'
import type { Chance } from './chance.testing.ts'
import { type Database, PARTITIONS } from './database.testing.ts'
import type { Subject } from './subjects.testing.ts'
import type { Time } from './time.testing.ts'
import type { Weather } from './weather.testing.ts'

export const POLL_MS = 250

export interface InstanceParts {
  time: Time
  chance: Chance
  weather: Weather
  database: Database
  cache: Cache
  subject: Subject
  /** Called with what should never happen. */
  onWrong: (what: string) => void
}

export interface Instance {
  /** Complains where the answer is older than what was told when it was asked for, or newer than what there is. */
  read(): Promise<ReadResult | undefined>
  /** A message from the bus. */
  learn(partition: number, epoch: number): void
}

/** One process that reads: its watermarks, polled, and the readers under test. */
export function openInstance({ time, chance, weather, database, cache, subject, onWrong }: InstanceParts): Instance {
  let known: readonly number[] = PARTITIONS.map(() => 0)
  let lastWord = Number.NEGATIVE_INFINITY
  let last: ReadResult | undefined
  const reads = createReads({
    cache,
    watermarks: { epochs: () => (time.now() - lastWord < 2 * POLL_MS ? known : null) },
    logger: { debug: () => {}, error: (fields: unknown) => onWrong(`error: ${JSON.stringify(fields)}`) },
    random: chance,
    metrics: {
      count(_, result) {
        last = result
      },
    },
  })
  const ask = subject.ask(reads, database, weather)

  function learn(partition: number, epoch: number): void {
    if (epoch > known[partition]!) known = known.with(partition, epoch)
  }

  async function poll(): Promise<void> {
    const sent = time.now()
    const epochs = await database.query(weather.poll, () => database.rows.map((row) => row.epoch))
    for (const [partition, epoch] of epochs.entries()) learn(partition, epoch)
    lastWord = Math.max(lastWord, sent)
  }

  function keepPolling(): void {
    void poll()
    time.after(POLL_MS, keepPolling)
  }
  keepPolling()

  return {
    learn,
    async read() {
      const told = subject.partitions.map((partition) => database.rows[partition]!.told)
      const got = await ask()
      const there = subject.partitions.map((partition) => database.rows[partition]!.version)
      if (told.some((version, place) => got[place]! < version)) onWrong(`told ${told}, read ${got}`)
      if (there.some((version, place) => got[place]! > version)) onWrong(`there is ${there}, read ${got}`)
      return last
    },
  }
}
