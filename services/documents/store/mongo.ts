import type { Db, Filter } from 'mongodb'
import type { MongoReader } from '../../../platform/mongo/reader.ts'
import type { StoredDocument } from '../schema.ts'
import { decode, encode } from './free-json.ts'
import type { DocumentStore, DocumentsAsked } from './port.ts'

/** As MongoDB keeps it: the entity under its id, its free JSON encoded. */
type MongoDocument = StoredDocument & { _id: string }

export function mongoDocuments({ db, read }: MongoReader): DocumentStore {
  const collection = db.collection<MongoDocument>('documents')
  return {
    async byId(id) {
      const found = await read(() => collection.findOne({ _id: id }))
      return found ? fromMongo(found) : undefined
    },
    async list(asked) {
      const order = asked.descending ? -1 : 1
      const sorted = () => collection.find(filterOf(asked)).sort({ createdAt: order, _id: order })
      const found = await read(() => sorted().limit(asked.limit).toArray())
      return found.map(fromMongo)
    },
  }
}

/** Made by the consumer, before it writes the first document. */
export async function indexDocuments(db: Db): Promise<void> {
  await db.collection('documents').createIndex({ ownerId: 1, createdAt: -1, _id: -1 }, { name: 'by_owner' })
}

/** What the consumer writes for an entity. */
export const toMongo = (document: StoredDocument): StoredDocument => ({
  ...document,
  data: encode(document.data) as StoredDocument['data'],
})

const fromMongo = ({ _id, ...document }: MongoDocument): StoredDocument => ({
  ...document,
  data: decode(document.data) as StoredDocument['data'],
})

/** Each leaf is a typed scalar; nothing of the free JSON is ever looked into. */
function filterOf({ owner, descending, from }: DocumentsAsked): Filter<MongoDocument> {
  const living: Filter<MongoDocument> = { ownerId: owner, deleted: { $ne: true } }
  if (!from) return living
  const [createdAt, id] = from
  const than = descending ? '$lt' : '$gt'
  return { ...living, $or: [{ createdAt: { [than]: createdAt } }, { createdAt, _id: { [than]: id } }] }
}
