import { chooseStore } from '../../../platform/mongo/choose-store.ts'
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
  const store = chooseStore(sql, mongo, { table, collection: mongoDocuments(mongo) })
  return {
    byId: async (id) => (await store()).byId(id),
    list: async (asked) => (await store()).list(asked),
  }
}
