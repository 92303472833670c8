import type { Queryable } from '../sql/port.ts'
import { createCaughtUp } from './caught-up.ts'
import { mongoCursors } from './cursors.ts'
import type { MongoReader } from './reader.ts'

/** The store to read from, asked for at every read: the table that the consumer decides in, or MongoDB as soon as it holds everything. */
export function chooseStore<Store>(
  sql: Queryable,
  mongo: MongoReader,
  { table, collection }: { table: Store; collection: Store },
): () => Promise<Store> {
  const cursors = mongoCursors(mongo.db)
  const caughtUp = createCaughtUp(sql, { all: () => mongo.read(() => cursors.all()) })
  return async () => ((await caughtUp()) ? collection : table)
}
