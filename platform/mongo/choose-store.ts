import type { Queryable } from '../sql/port.ts'
import { createCaughtUp } from './caught-up.ts'
import { mongoCursors } from './cursors.ts'
import type { MongoReader } from './reader.ts'

/**
 * Reads from the table that the consumer decides in, or from MongoDB as soon as it holds everything. What was found there
 * counts only if it still held everything after the read: otherwise the emptiness of one that was just lost would be
 * answered, and cached for those who come after.
 */
export function chooseStore<Store>(
  sql: Queryable,
  mongo: MongoReader,
  { table, collection }: { table: Store; collection: Store },
): <T>(read: (store: Store) => Promise<T>) => Promise<T> {
  const cursors = mongoCursors(mongo.db)
  const caughtUp = createCaughtUp(sql, { all: () => mongo.read(() => cursors.all()) })
  return async (read) => {
    if (!(await caughtUp.lately())) return read(table)
    const found = await read(collection)
    return (await caughtUp.still()) ? found : read(table)
  }
}
