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
  const read = chooseStore(sql, mongo, { table, collection: mongoDocuments(mongo) })
  return {
    byId: (id) => read((store) => store.byId(id)),
    list: (asked) => read((store) => store.list(asked)),
  }
}
