import type { Cache } from '../../../platform/cache/port.ts'
import type { Command, Entity, Outcome, Position } from '../../../platform/commands/command.ts'
import type { Log } from '../../../platform/log/port.ts'
import { answered } from '../../../platform/mongo/failure.ts'
import { parseValue } from '../../../platform/reads/envelope.ts'
import type { Queryable } from '../../../platform/sql/port.ts'
import { sentenceOf } from '../../../platform/thrown.ts'
import { readCommand } from '../decide/items.ts'
import type { EntityDefinition } from '../entity.ts'
import { type ProgressRow, readProgress } from '../ownership/progress.ts'
import { findOnEvents } from './on-events.ts'

/** What became of one command, from the log to the last projection, as the stores say it now. */
export interface Story {
  position: Position
  /** As it is on the log; a sentence where it cannot be read. */
  command: Command | string
  /** Undefined while it is undecided. */
  outcome: Outcome | undefined
  /** Undefined where `outcomes` keep it no longer. */
  row: { version: number | null; first: boolean; decidedAt: string } | undefined
  /** Why it was set aside. */
  dead: string | undefined
  /** The offset on `events`. */
  onEvents: number | undefined
  progress: ProgressRow
  /** Null where the entity is read from Postgres alone. */
  mongo: { version: number | undefined } | { failed: string } | null
  /** Null where the cache is a memory of the server's own. */
  cache: { version: number; epoch: number } | { failed: string } | 'nothing' | null
}

export interface StoryParts {
  sql: Queryable
  log: Log
  cache: Cache
  mongo: { db: { collection(name: string): MongoCollection } } | null
  definitions: readonly EntityDefinition[]
}

/** As much of the driver as is asked. */
interface MongoCollection {
  findOne(filter: object, options: object): Promise<unknown>
}

export async function tell(parts: StoryParts, position: Position): Promise<Story> {
  const { sql, log, definitions } = parts
  const { partition, offset } = position
  const [record] = await log.read('commands', partition, offset, 1)
  const command = record?.offset === offset ? readCommand(record.value) : 'the log does not have it'
  const [row] = await sql.query<{ version: number | null; first: boolean; record: Outcome; decidedAt: string }>(
    `SELECT version, first, record, decided_at AS "decidedAt" FROM outcomes WHERE partition = $1 AND position = $2`,
    [partition, offset],
  )
  const [letter] = await sql.query<{ reason: string }>(
    'SELECT reason FROM dead_letters WHERE partition = $1 AND position = $2',
    [partition, offset],
  )
  const published = await findOnEvents(log, position)
  const outcome = row?.record ?? published?.outcome
  const definition = definitions.find(({ kind }) => kind === outcome?.type.split('.')[0])
  const seen = outcome && definition && !outcome.rejection ? { outcome, definition } : undefined
  return {
    position,
    command,
    outcome,
    row,
    dead: letter?.reason,
    onEvents: published?.offset,
    progress: await readProgress(sql, partition),
    mongo: seen?.definition.mark === 'served' && parts.mongo ? await inMongo(parts.mongo, seen) : null,
    cache: seen && !parts.cache.local ? await inCache(parts.cache, seen) : null,
  }
}

interface Seen {
  outcome: Outcome
  definition: EntityDefinition
}

async function inMongo(
  { db }: NonNullable<StoryParts['mongo']>,
  { outcome, definition }: Seen,
): Promise<Story['mongo']> {
  try {
    const query = db.collection(definition.table).findOne({ _id: outcome.entity }, { projection: { version: 1 } })
    return { version: ((await answered(query)) as Entity | null)?.version }
  } catch (error) {
    return { failed: sentenceOf(error) }
  }
}

async function inCache(cache: Cache, { outcome, definition }: Seen): Promise<Story['cache']> {
  try {
    const [text] = await cache.read([`${definition.kind}:${outcome.entity}`])
    const value = text ? parseValue(text) : undefined
    return value ? { version: value.entity.version, epoch: value.epoch } : 'nothing'
  } catch (error) {
    return { failed: sentenceOf(error) }
  }
}
