import { createCaughtUp } from '../../../platform/mongo/caught-up.ts'
import { mongoCursors } from '../../../platform/mongo/cursors.ts'
import type { MongoReader } from '../../../platform/mongo/reader.ts'
import type { Queryable } from '../../../platform/sql/port.ts'
import type { DocumentStore } from './port.ts'
import { sqlDocuments } from './sql.ts'

export type { DocumentStore } from './port.ts'

/** The table that the consumer decides in; MongoDB where there is one, as soon as it holds everything. */
export async function openDocumentStore(sql: Queryable, mongo: MongoReader | undefined): Promise<DocumentStore> {
  const table = sqlDocuments(sql)
  if (!mongo) return table
  const { mongoDocuments } = await import('./mongo.ts')
  const collection = mongoDocuments(mongo)
  const cursors = mongoCursors(mongo.db)
  const caughtUp = createCaughtUp(sql, { all: () => mongo.read(() => cursors.all()) })
  const store = async () => ((await caughtUp()) ? collection : table)
  return {
    byId: async (id) => (await store()).byId(id),
    list: async (asked) => (await store()).list(asked),
  }
}
