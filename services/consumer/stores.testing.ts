import { randomUUID } from 'node:crypto'
import process from 'node:process'
import type { Entity } from '../../platform/commands/command.ts'
import { openMongo } from '../../platform/mongo/connection.ts'
import type { Sql } from '../../platform/sql/port.ts'
import { saveEntities } from './decide/save.ts'
import { createWorking } from './decide/world.ts'
import { entities } from './entities.ts'
import { createMongoProjection } from './following/projections/mongo.ts'

/** Writes entities as the deciding transaction does. */
export async function saveInto(sql: Sql, kind: string, saved: readonly Entity[]): Promise<void> {
  const world = createWorking(entities)
  for (const data of saved) {
    world.apply({ type: 'saved', schema: 1, kind, id: data.id, version: data.version, data })
  }
  await sql.transaction((tx) => saveEntities(tx, entities, world))
}

/** A MongoDB database of its own. */
export function scratchMongo() {
  const own = new URL(process.env.MONGO_URL!)
  own.pathname = `/scratch_${randomUUID().replaceAll('-', '')}`
  const mongo = openMongo({ url: own.href })
  const projection = createMongoProjection(mongo.db, entities)
  return {
    url: own.href,
    db: mongo.db,
    reader: mongo.reader,
    projection,

    /** Writes entities as the consumer projects them. */
    async save(kind: string, saved: readonly Entity[]): Promise<void> {
      const definition = entities.find((one) => one.kind === kind)!
      await projection.apply(saved.map((entity) => ({ definition, entity })))
    },

    async drop(): Promise<void> {
      await mongo.db.dropDatabase()
      await mongo.close()
    },
  }
}
