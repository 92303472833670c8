import type { AnyBulkWriteOperation, Collection, Db } from 'mongodb'
import type { Entity } from '../../../../platform/commands/command.ts'
import { type Cursors, mongoCursors } from '../../../../platform/mongo/cursors.ts'
import type { EntityDefinition } from '../../entity.ts'
import type { Change } from '../changes.ts'

/** A document as it is stored: the entity, with its id as `_id` too, so that readers query the fields of the entity. */
type Stored = Entity & { _id: string }

const DUPLICATE = 11000
/**
 * Replacements in one command. Some servers of this kind keep one of a few dozen connections for each of them until the
 * command's end, and stand still for good when none is left; there are as many of these commands at once as partitions.
 */
const REPLACED_AT_ONCE = 8

/** Entities into MongoDB: guarded by version, so that a replay and a former owner change nothing. */
export interface MongoProjection {
  /** Makes what is missing of the indexes. Those who ask at once share it. */
  prepare(): Promise<void>
  /** Each entity in its last state of these. Resolves when the majority has them. */
  apply(changes: readonly Change[]): Promise<void>
  /** Moved after what it stands for was applied. */
  readonly cursors: Cursors
}

/** @param reached rejects with the reason where MongoDB is away: the driver itself says only that a connection failed before */
export function createMongoProjection(
  db: Db,
  definitions: readonly EntityDefinition[],
  reached = async (): Promise<void> => undefined,
): MongoProjection {
  let preparing: Promise<void> | undefined

  async function make(): Promise<void> {
    await reached()
    await Promise.all(definitions.map((definition) => definition.indexMongo?.(db)))
  }

  return {
    async prepare() {
      preparing ??= make().finally(() => {
        preparing = undefined
      })
      await preparing
    },
    async apply(changes) {
      for (const [table, documents] of documentsOf(changes)) await write(db.collection<Stored>(table), documents)
    },
    cursors: mongoCursors(db),
  }
}

/** By collection: what is to be written, once for each entity. */
function documentsOf(changes: readonly Change[]): Map<string, Stored[]> {
  const tables = new Map<string, Map<string, Stored>>()
  for (const { definition, entity } of changes) {
    const documents = tables.get(definition.table) ?? new Map<string, Stored>()
    tables.set(definition.table, documents)
    if (entity.version < (documents.get(entity.id)?.version ?? 0)) continue
    documents.set(entity.id, { _id: entity.id, ...(definition.toMongo?.(entity) ?? entity) })
  }
  return new Map([...tables].map(([table, documents]) => [table, [...documents.values()]]))
}

/** Inserts what is new, and replaces what is older: far cheaper than asking the server to find out for each. */
async function write(collection: Collection<Stored>, documents: readonly Stored[]): Promise<void> {
  const present = await versionsOf(collection, documents)
  const raced = await insert(
    collection,
    documents.filter(({ _id }) => !present.has(_id)),
  )
  const older = documents.filter(({ _id, version }) => (present.get(_id) ?? Number.POSITIVE_INFINITY) < version)
  await replace(collection, [...older, ...raced])
}

/**
 * As the majority has them. A second try would otherwise find what the first has written to the primary alone and take it for
 * done, and a failover would roll it back. Written again, it is refused or changes nothing, and acknowledged only when the majority has
 * what it met.
 */
async function versionsOf(collection: Collection<Stored>, documents: readonly Stored[]): Promise<Map<string, number>> {
  const ids = documents.map(({ _id }) => _id)
  const options = { projection: { version: 1 }, readConcern: { level: 'majority' } } as const
  const present = await collection.find({ _id: { $in: ids } }, options).toArray()
  return new Map(present.map(({ _id, version }) => [_id, version]))
}

/**
 * Returns those that were there by then, which somebody else inserted, or this very call: some servers stop at the first
 * that is refused, so what is left is sent again without them.
 */
async function insert(collection: Collection<Stored>, documents: readonly Stored[]): Promise<Stored[]> {
  const raced: Stored[] = []
  let left = documents
  while (left.length > 0) {
    try {
      await collection.insertMany(left, { ordered: false })
      return raced
    } catch (error) {
      if (!isDuplicate(error)) throw error
      const there = await versionsOf(collection, left)
      if (there.size === 0) throw error // it is no id that is there twice, or not with the majority yet
      raced.push(...left.filter(({ _id }) => there.has(_id)))
      left = left.filter(({ _id }) => !there.has(_id))
    }
  }
  return raced
}

/**
 * Nothing else holds back a former owner: the epoch fences what it decides and tells, not a write that is on its way here, be it
 * of a process that was paused or of a call that was given up. So this stands on MongoDB's word that the filter and the
 * replacement of one document are one step. Where a server takes two (FerretDB, `test/stack`, does: of two at
 * the same moment the older may win), an old version can stay until the entity changes again.
 */
async function replace(collection: Collection<Stored>, documents: readonly Stored[]): Promise<void> {
  const operations = documents.map(
    (document): AnyBulkWriteOperation<Stored> => ({
      replaceOne: { filter: { _id: document._id, version: { $lt: document.version } }, replacement: document },
    }),
  )
  for (let at = 0; at < operations.length; at += REPLACED_AT_ONCE) {
    await collection.bulkWrite(operations.slice(at, at + REPLACED_AT_ONCE), { ordered: false })
  }
}

/** Refused for a duplicate and for nothing else. By its looks: the driver's classes would load the driver. */
function isDuplicate(error: unknown): boolean {
  const { code, writeErrors = [] } = error as { code?: unknown; writeErrors?: { code: unknown } | { code: unknown }[] }
  const all = [writeErrors].flat()
  return all.length > 0 ? all.every((one) => one.code === DUPLICATE) : code === DUPLICATE
}
