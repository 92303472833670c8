import type { Db } from 'mongodb'
import { answered } from './failure.ts'

type Cursor = { _id: string; partition: number; served: number }

export const CURSORS = 'projection_cursors'

const DUPLICATE = 11000

/** How far the consumer has brought this database, by partition: kept beside the data, and written after it. */
export interface Cursors {
  /** Everything below it is here; null where this database has never seen the partition. */
  of(partition: number): Promise<number | null>
  /** Of every partition that it has seen. */
  all(): Promise<ReadonlyMap<number, number>>
  /** Never back: a former owner that wakes changes nothing. */
  move(partition: number, to: number): Promise<void>
}

export function mongoCursors(db: Db): Cursors {
  const cursors = db.collection<Cursor>(CURSORS)
  const idOf = (partition: number) => `partition-${partition}`
  return {
    of: async (partition) => (await answered(cursors.findOne({ _id: idOf(partition) })))?.served ?? null,
    async all() {
      const found = await answered(cursors.find({}).toArray())
      return new Map(found.map(({ partition, served }) => [partition, served]))
    },
    async move(partition, to) {
      const before = { _id: idOf(partition), served: { $lt: to } }
      try {
        await answered(cursors.updateOne(before, { $set: { partition, served: to } }, { upsert: true }))
      } catch (error) {
        if ((error as { code?: unknown }).code !== DUPLICATE) throw error // it is there, as far or further
      }
    },
  }
}
