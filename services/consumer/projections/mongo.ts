import { type AnyBulkWriteOperation, type Collection, type Db, MongoBulkWriteError } from 'mongodb'
import type { Entity } from '../../../platform/commands/command.ts'
import type { EntityDefinition } from '../entity.ts'
import type { Change } from './cache.ts'

/** A document as it is stored: the entity, with its id as `_id` too, so that readers query the fields of the entity. */
export type Stored = Entity & { _id: string }
type Cursor = { _id: string; partition: number; served: number }

const CURSORS = 'projection_cursors'
const DUPLICATE = 11000

/** Entities into MongoDB: guarded by version, so that a replay and a former owner change nothing. */
export interface MongoProjection {
  /** Makes what is missing of the indexes; once is enough. */
  prepare(): Promise<void>
  /** Each entity in its last state, at most once. Resolves when the majority has it. */
  apply(changes: readonly Change[]): Promise<void>
  /** Everything below it is applied; null where this database has never seen the partition. */
  cursor(partition: number): Promise<number | null>
  /** Written after what it stands for. */
  moveCursor(partition: number, served: number): Promise<void>
}

export function createMongoProjection(db: Db, definitions: readonly EntityDefinition[]): MongoProjection {
  const cursors = db.collection<Cursor>(CURSORS)

  async function applyTo(table: string, entities: readonly Entity[]): Promise<void> {
    const collection = db.collection<Stored>(table)
    const ids = entities.map(({ id }) => id)
    const present = await collection.find({ _id: { $in: ids } }, { projection: { version: 1 } }).toArray()
    const versions = new Map(present.map(({ _id, version }) => [_id, version]))
    const fresh = entities.filter(({ id }) => !versions.has(id))
    const older = entities.filter(({ id, version }) => (versions.get(id) ?? version) < version)
    const raced = await insert(collection, fresh.map(stored))
    await replace(collection, [...older.map(stored), ...raced])
  }

  let prepared: Promise<unknown> | undefined

  return {
    async prepare() {
      prepared ??= Promise.all(definitions.map((definition) => definition.indexMongo?.(db)))
      try {
        await prepared
      } catch (error) {
        prepared = undefined
        throw error
      }
    },
    async apply(changes) {
      const tables = new Map<string, Map<string, Entity>>()
      for (const { definition, entity } of changes) {
        const entities = tables.get(definition.table) ?? new Map<string, Entity>()
        tables.set(definition.table, entities.set(entity.id, definition.toMongo?.(entity) ?? entity))
      }
      for (const [table, entities] of tables) await applyTo(table, [...entities.values()])
    },
    cursor: async (partition) => (await cursors.findOne({ _id: cursorId(partition) }))?.served ?? null,
    async moveCursor(partition, served) {
      await replaceCursor(cursors, partition, served)
    },
  }
}

const stored = (entity: Entity): Stored => ({ _id: entity.id, ...entity })
const cursorId = (partition: number) => `partition-${partition}`

/** Inserts; returns those that somebody else inserted meanwhile. What a server stopped at is sent again without the refused ones. */
async function insert(collection: Collection<Stored>, documents: readonly Stored[]): Promise<Stored[]> {
  const raced: Stored[] = []
  let left = [...documents]
  while (left.length > 0) {
    try {
      await collection.insertMany(left, { ordered: false })
      return raced
    } catch (error) {
      const refused = duplicates(error)
      const present = await collection
        .find({ _id: { $in: left.map(({ _id }) => _id) } }, { projection: { _id: 1 } })
        .toArray()
      const there = new Set(present.map(({ _id }) => _id))
      if (refused.size === 0 || there.size === 0) throw error
      raced.push(...left.filter(({ _id }) => there.has(_id)))
      left = left.filter(({ _id }) => !there.has(_id))
    }
  }
  return raced
}

async function replace(collection: Collection<Stored>, documents: readonly Stored[]): Promise<void> {
  if (documents.length === 0) return
  const operations = documents.map(
    (document): AnyBulkWriteOperation<Stored> => ({
      replaceOne: { filter: { _id: document._id, version: { $lt: document.version } }, replacement: document },
    }),
  )
  await collection.bulkWrite(operations, { ordered: false })
}

async function replaceCursor(cursors: Collection<Cursor>, partition: number, served: number): Promise<void> {
  const _id = cursorId(partition)
  try {
    await cursors.updateOne({ _id, served: { $lt: served } }, { $set: { partition, served } }, { upsert: true })
  } catch (error) {
    if (duplicates(error).size === 0) throw error // there already, as far or further
  }
}

/** Indices refused for a duplicate `_id`; empty if the error is anything else. */
function duplicates(error: unknown): Set<number> {
  if (error instanceof MongoBulkWriteError) {
    const errors = Array.isArray(error.writeErrors) ? error.writeErrors : [error.writeErrors]
    return errors.every(({ code }) => code === DUPLICATE) ? new Set(errors.map(({ index }) => index)) : new Set()
  }
  return (error as { code?: unknown })?.code === DUPLICATE ? new Set([0]) : new Set()
}
