import type { Logger } from 'pino'
import type { Bus } from '../../platform/bus/port.ts'
import type { Cache } from '../../platform/cache/port.ts'
import { POLL_MS } from '../../platform/commands/watermarks/feed.ts'
import type { Watermarks } from '../../platform/commands/watermarks/watermarks.ts'
import { type Consumer, type Log, PARTITIONS } from '../../platform/log/port.ts'
import type { Sql } from '../../platform/sql/port.ts'
import { type Clock, systemClock } from '../../platform/waiting.ts'
import { createDecider } from './decide/decide.ts'
import type { EntityDefinition } from './entity.ts'
import type { MongoProjection } from './following/projections/mongo.ts'
import { createPublished } from './following/publish.ts'
import { createHousekeeping } from './housekeeping/housekeeping.ts'
import { type ConsumerMetrics, timed } from './metrics.ts'
import { checkLog, readIncarnation, rememberLog } from './ownership/log-check.ts'
import { LogMismatch } from './ownership/log-mismatch.ts'
import { type OwnedPartition, ownPartition, type PartitionParts } from './partition.ts'
import { catchUpWithEvents, isBehind } from './recovery/older-copy.ts'

export interface ConsumerParts {
  log: Log
  sql: Sql
  /** Null where this process has none: readers that have one leave it alone then. */
  cache: Cache | null
  /** Calls back whenever the connection to the cache was lost and made again; the function returned ends it. */
  onCacheReconnect: (listener: () => void) => () => void
  bus: Bus
  /** Null where tasks and documents are served from SQL. */
  mongo: MongoProjection | null
  watermarks: Watermarks
  definitions: readonly EntityDefinition[]
  logger: Logger
  metrics: ConsumerMetrics
  clock?: Clock
  /** Two poll intervals of the readers' watermarks. */
  settleMs?: number
}

export interface RunningConsumer {
  /** Settles when it ends by itself, with the reason; the process should end too. */
  failed: Promise<Error>
  /** Partitions owned now: none while the group is forming. */
  owned(): number[]
  /** Finishes what it has begun (bounded) and leaves the group. Idempotent. */
  close(): Promise<void>
}

/** Joins the group of consumers and decides what it is given, until closed. @throws LogMismatch */
export async function startConsumer(parts: ConsumerParts): Promise<RunningConsumer> {
  const { log, sql, cache, logger, clock = systemClock, settleMs = 2 * POLL_MS } = parts
  await meetLog(parts)
  const incarnation = await readIncarnation(sql)
  const decider = timed(createDecider(sql, parts.definitions, incarnation), parts.metrics)
  const published = createPublished(sql, clock)
  const owned = new Map<number, OwnedPartition>()
  let fail: (reason: Error) => void = () => {}
  const failed = new Promise<Error>((resolve) => {
    fail = resolve
  })
  const housekeeping = createHousekeeping({ log, sql, clock, logger, owned: () => [...owned.keys()] })
  const nothingKnown = new Array<number>(PARTITIONS).fill(0)
  const ofPartition: PartitionParts = {
    ...parts,
    decider,
    incarnation,
    published,
    epochs: () => parts.watermarks.epochs() ?? nothingKnown,
    clock,
    settleMs: cache?.local ? 0 : settleMs,
    onFatal: fail,
    onDecided: housekeeping.decided,
  }

  const consumer: Consumer = {
    async assigned(partition, lost) {
      const own = await ownPartition(partition, ofPartition, lost)
      owned.set(partition, own)
      return own.next
    },
    batch: async (partition, records, lost) => owned.get(partition)?.batch(records, lost) ?? records[0]!.offset,
    async revoked(partition) {
      const own = owned.get(partition)
      owned.delete(partition)
      await own?.close()
    },
  }
  const consumption = await log.consume('commands', 'consumer', consumer).catch(async (error: unknown) => {
    await housekeeping.close()
    throw error
  })
  void consumption.failed.then(fail)
  void failed.then((error) => logger.fatal({ err: error }, 'the consumer has stopped'))

  return {
    failed,
    owned: () => [...owned.keys()],
    async close() {
      await Promise.all([housekeeping.close(), consumption.close()])
    },
  }
}

/** Before anything is decided: the log must be the one of this database, and tell nothing that the database lacks. @throws LogMismatch */
async function meetLog({ log, sql, definitions, logger }: ConsumerParts): Promise<void> {
  if (await checkLog(log, sql)) {
    await catchUpWithEvents({ log, sql, definitions, onProgress: (line) => logger.warn(line) })
    return
  }
  if (await isBehind(log, sql)) {
    throw new LogMismatch(
      'this database has never followed this log, and the log tells of outcomes that it does not know. Point DATABASE_URL at the ' +
        'database that decided them, or stop every process and make this one again with npm run rebuild.',
    )
  }
  await rememberLog(log, sql)
}
