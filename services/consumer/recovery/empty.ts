import type { Log } from '../../../platform/log/port.ts'
import type { Mongo } from '../../../platform/mongo/connection.ts'
import { CURSORS } from '../../../platform/mongo/cursors.ts'
import { answered } from '../../../platform/mongo/failure.ts'
import type { Sql } from '../../../platform/sql/port.ts'
import type { EntityDefinition } from '../entity.ts'
import { readFurthest } from '../events/reader.ts'
import { readCursors } from '../ownership/progress.ts'

export interface Emptied {
  sql: Sql
  log: Log
  mongo: Pick<Mongo, 'db'> | null
}

/**
 * Empties what a rebuild makes again from `events`: entities, outcomes, progress. Passwords, sessions, keys and dead letters
 * are on no log, and stay. Owners that still run are fenced. MongoDB is emptied too, and first: it may have what a log that
 * was restored has not, and is filled by the consumers.
 * @throws Error where `events` tell less than this database has decided: it would be lost
 */
export async function emptyForRebuild(
  { sql, log, mongo }: Emptied,
  definitions: readonly EntityDefinition[],
  { acceptLoss = false } = {},
): Promise<void> {
  if (!acceptLoss) await refuseLoss(sql, log)
  if (mongo) await emptyMongo(mongo, definitions)
  await sql.script(
    `TRUNCATE ${definitions.map(({ table }) => table).join(', ')}, outcomes;
     UPDATE consumer_progress SET next_offset = 0, published = 0, decided = 0, served = 0, epoch = epoch + 2 - epoch % 2;
     DELETE FROM system WHERE name = 'log';
     ALTER SEQUENCE project_number RESTART`,
  )
}

async function emptyMongo({ db }: Pick<Mongo, 'db'>, definitions: readonly EntityDefinition[]): Promise<void> {
  const served = definitions.filter(({ mark }) => mark === 'served').map(({ table }) => table)
  for (const name of [CURSORS, ...served]) await answered(db.dropCollection(name))
}

async function refuseLoss(sql: Sql, log: Log): Promise<void> {
  for (const [partition, next] of (await readCursors(sql, 'published')).entries()) {
    const told = await readFurthest(log, partition)
    if (told >= next) continue
    throw new Error(
      `events tell of partition ${partition} what is below ${told}, and this database knows what is below ${next}: the rest ` +
        'would be lost. Point KAFKA_BROKERS and TOPIC_PREFIX at the log of this database, or restore that. Where its end is ' +
        'lost for good: npm run rebuild -- --accept-loss.',
    )
  }
}
