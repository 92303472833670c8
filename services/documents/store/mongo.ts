import type { Db, Filter } from 'mongodb'
import type { StoredDocument } from '../schema.ts'
import type { DocumentStore } from './port.ts'

/** As MongoDB keeps it: the entity under its id, the keys of its free JSON escaped. */
export type MongoDocument = StoredDocument & { _id: string }

export function mongoDocuments(db: Db): DocumentStore {
  const collection = db.collection<MongoDocument>('documents')
  return {
    async byId(id) {
      const found = await collection.findOne({ _id: id })
      return found ? fromMongo(found) : undefined
    },
    async list({ owner, descending, from, limit }) {
      const found = await collection
        .find({ ownerId: owner, deleted: { $ne: true }, ...(from && beyond(from, descending)) })
        .sort({ createdAt: descending ? -1 : 1, _id: descending ? -1 : 1 })
        .limit(limit)
        .toArray()
      return found.map(fromMongo)
    },
  }
}

/** Made once, by the consumer. */
export async function indexDocuments(db: Db): Promise<void> {
  await db.collection('documents').createIndex({ ownerId: 1, createdAt: -1, _id: -1 }, { name: 'by_owner' })
}

/** What the consumer writes for an entity. */
export const toMongo = (document: StoredDocument): StoredDocument => ({
  ...document,
  data: mapKeys(document.data, escapeKey) as Record<string, unknown>,
})

function fromMongo({ _id, ...document }: MongoDocument): StoredDocument {
  return { ...document, data: mapKeys(document.data, unescapeKey) as Record<string, unknown> }
}

function beyond([createdAt, id]: readonly [string, string], descending: boolean): Filter<MongoDocument> {
  const than = descending ? '$lt' : '$gt'
  return { $or: [{ createdAt: { [than]: createdAt } }, { createdAt, _id: { [than]: id } }] }
}

/** MongoDB gives a meaning to `.` and `$` in names, and some servers refuse them and the empty name. */
const escapeKey = (key: string): string =>
  key === '' ? '%' : key.replace(/[%.$]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
const unescapeKey = (key: string): string =>
  key === '%' ? '' : key.replace(/%([0-9A-F]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))

function mapKeys(value: unknown, name: (key: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => mapKeys(item, name))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [name(key), mapKeys(member, name)]))
}
