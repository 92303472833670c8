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
  /** This database has been filled up to there. Never back: a former owner that wakes changes nothing. */
  begin(partition: number, at: number): Promise<void>
  /** There is none any more, if it stands exactly there: what is here is not known. */
  forget(partition: number, at: number): Promise<void>
  /** On from where it stands, and never back. False where it stands before `from`, or nowhere: the database has lost what it had. */
  move(partition: number, from: number, to: number): Promise<boolean>
}

export function mongoCursors(db: Db): Cursors {
  const cursors = db.collection<Cursor>(CURSORS)
  const idOf = (partition: number) => `partition-${partition}`
  async function of(partition: number): Promise<number | null> {
    return (await answered(cursors.findOne({ _id: idOf(partition) })))?.served ?? null
  }

  return {
    of,
    async all() {
      const found = await answered(cursors.find({}).toArray())
      return new Map(found.map(({ partition, served }) => [partition, served]))
    },
    async begin(partition, at) {
      const before = { _id: idOf(partition), served: { $lt: at } }
      try {
        await answered(cursors.updateOne(before, { $set: { partition, served: at } }, { upsert: true }))
      } catch (error) {
        if ((error as { code?: unknown }).code !== DUPLICATE) throw error // it is there, as far or further
      }
    },
    async forget(partition, at) {
      await answered(cursors.deleteOne({ _id: idOf(partition), served: at }))
    },
    async move(partition, from, to) {
      const here = { _id: idOf(partition), served: { $gte: from, $lt: to } }
      const { matchedCount } = await answered(cursors.updateOne(here, { $set: { served: to } }))
      return matchedCount === 1 || ((await of(partition)) ?? -1) >= to
    },
  }
}
