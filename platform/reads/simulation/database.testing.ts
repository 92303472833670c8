import type { Time } from './time.testing.ts'
import type { Trip } from './weather.testing.ts'

/** A partition's progress. It makes versions of one thing; `told` is the one that its watermark covers. */
export interface Row {
  epoch: number
  version: number
  told: number
}

/** The store that is the truth. */
export interface Database {
  readonly rows: readonly Row[]
  /** Sends a statement, which sees and changes the rows at one instant on its way. */
  query<T>(there: Trip, statement: () => T, back?: Trip): Promise<T>
  /** Starts a new epoch: shut (odd) or open (even). */
  raise(partition: number, shut: boolean): number
}

export const PARTITIONS = [0, 1] as const

export function createDatabase(time: Time): Database {
  const rows: Row[] = PARTITIONS.map(() => ({ epoch: 0, version: 1, told: 1 }))
  return {
    rows,
    async query(there, statement, back = there) {
      await time.sleep(there())
      const answer = statement()
      await time.sleep(back())
      return answer
    },
    raise(partition, shut) {
      const row = rows[partition]!
      const next = Math.max(row.epoch + 1, time.now())
      row.epoch = next + ((next + (shut ? 1 : 0)) % 2)
      return row.epoch
    },
  }
}
