import type { Db } from 'mongodb'
import type { Queryable } from '../../../platform/sql/port.ts'
import type { DocumentStore } from './port.ts'
import { sqlDocuments } from './sql.ts'

export type { DocumentStore } from './port.ts'

/** MongoDB where there is one, otherwise the table that the consumer decides in. */
export async function openDocumentStore(sql: Queryable, mongo: Db | undefined): Promise<DocumentStore> {
  return mongo ? (await import('./mongo.ts')).mongoDocuments(mongo) : sqlDocuments(sql)
}
