import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { openBus } from './bus/mod.ts'
import type { Bus } from './bus/port.ts'
import { openCache } from './cache/mod.ts'
import type { Cache } from './cache/port.ts'
import type { Config } from './config/config.ts'
import { type DataDir, openDataDir } from './data-dir/data-dir.ts'
import type { KafkaAccess } from './log/access.ts'
import { openLog } from './log/mod.ts'
import { type Log, LogUnavailable } from './log/port.ts'
import { type Mongo, openMongo } from './mongo/connection.ts'
import { type Migration, migrate } from './sql/migrations.ts'
import { openSql } from './sql/mod.ts'
import type { Queryable, Sql } from './sql/port.ts'
import { openSecrets, type Secrets, type SecretTable, unkept } from './sql/secrets.ts'
import { sentenceOf } from './thrown.ts'
import { type Clock, systemClock } from './waiting.ts'

/** As many polls as may be under way at once. */
const POLL_CONNECTIONS = 3

/** The four stores and the bus, open: each the real one where a URL names it, otherwise embedded. */
export interface Parts {
  sql: Sql
  /** The same database, over connections that no load of a reader has to wait for or can hold up. */
  polls: Queryable
  /** Keeps what is on no log where Postgres is embedded. */
  secrets: Secrets
  log: Log
  cache: Cache
  bus: Bus
  /** Null where tasks and documents are served from SQL. */
  mongo: Mongo | null
  onCacheReconnect: (listener: () => void) => () => void
  /** Null where nothing is embedded. */
  dataDir: DataDir | null
  /**
   * The machine may have lost bytes that the embedded database never syncs: it is empty now, and is to be made again from the
   * log before anything else. Then `dataDir.recovered()`.
   */
  databaseLost: boolean
  close(): Promise<void>
}

export interface PartsOptions {
  /** Of the process, `tasks`: its connections to Postgres and MongoDB are called `trefoil-tasks` there. */
  name: string
  config: Config
  logger: Logger
  migrations: readonly Migration[]
  secretTables: readonly SecretTable[]
  /** Told what the start waits for or makes, for people. */
  onProgress: (line: string) => void
  clock?: Clock
}

/**
 * Opens what the configuration names. Postgres and Kafka are waited for, up to START_DEADLINE, because nothing can start
 * without them; Redis and MongoDB may come later. Migrations are run, topics are made.
 * @throws Error with a sentence that says what to do; what was opened before it is closed again
 */
export async function openParts(options: PartsOptions): Promise<Parts> {
  const { name, config, logger, migrations, secretTables, onProgress, clock = systemClock } = options
  const applicationName = name === 'trefoil' ? name : `trefoil-${name}`
  const closers: (() => Promise<void>)[] = []
  const opened = <T extends { close(): Promise<void> | void }>(part: T): T => {
    closers.unshift(async () => part.close())
    return part
  }
  const close = async () => {
    for (const closer of closers.splice(0)) await closer().catch((error) => logger.warn({ err: error }, 'closing'))
  }
  const deadline = clock.monotonic() + config.startDeadline * 1000
  const waiting = <T>(part: string, open: () => Promise<T>) => waitFor(part, open, { clock, deadline, onProgress })
  const embedded = !config.kafkaBrokers || !config.databaseUrl

  try {
    const dataDir = embedded ? opened(await openDataDir(config.dataDir)) : null
    const sqlDirectory = join(config.dataDir, 'sql')
    const databaseLost = !config.databaseUrl && dataDir!.afterPowerCut
    if (databaseLost) await setAside(sqlDirectory)
    const sql = opened(await openSql({ url: config.databaseUrl, applicationName, directory: sqlDirectory, onProgress }))
    await waiting('Postgres', () => migrate(sql, migrations))
    const { databaseUrl: url } = config
    const polls = url ? opened(await openSql({ url, applicationName, poolSize: POLL_CONNECTIONS })) : sql
    const path = join(config.dataDir, 'secrets.jsonl')
    const secrets = opened(config.databaseUrl ? unkept : await openSecrets(sql, { path, tables: secretTables }))
    const log = opened(
      await waiting('Kafka', () =>
        openLog({
          ...(config.kafkaBrokers && { brokers: config.kafkaBrokers, access: kafkaAccess(config) }),
          ...(config.kafkaReplication && { replicationFactor: config.kafkaReplication }),
          directory: join(config.dataDir, 'log'),
          topicPrefix: config.topicPrefix,
          logger,
        }),
      ),
    )
    const reconnects = new Set<() => void>()
    const cache = opened(
      await openCache({
        url: config.redisUrl,
        keyPrefix: config.redisPrefix,
        onReconnect: () => {
          for (const listener of reconnects) listener()
        },
      }),
    )
    const bus = opened(await openBus({ url: config.redisUrl, prefix: config.redisPrefix }))
    const mongo = config.mongoUrl ? opened(openMongo({ url: config.mongoUrl, applicationName })) : null
    return {
      sql,
      polls,
      secrets,
      log,
      cache,
      bus,
      mongo,
      dataDir,
      databaseLost,
      close,
      onCacheReconnect(listener) {
        reconnects.add(listener)
        return () => reconnects.delete(listener)
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}

function kafkaAccess(config: Config): KafkaAccess {
  const [username, password] = [config.kafkaUsername, config.kafkaPassword]
  const named = username !== undefined && password !== undefined
  const login = named ? { mechanism: config.kafkaSasl, username, password } : undefined
  return { tls: config.kafkaTls, ca: config.kafkaCa, login }
}

/** Kept, until the next time, for whoever wants to look at it; where that is done already, a rebuild was cut short. */
async function setAside(directory: string): Promise<void> {
  const aside = `${directory}.set-aside`
  await rm(aside, { recursive: true, force: true })
  await rename(directory, aside).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
}

interface Waiting {
  clock: Clock
  /** By the monotonic clock. */
  deadline: number
  onProgress: (line: string) => void
}

/** Tries until it works or the deadline has passed; what only a person can mend is thrown at once. */
async function waitFor<T>(name: string, open: () => Promise<T>, { clock, deadline, onProgress }: Waiting): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await open()
    } catch (error) {
      const reason = sentenceOf(error)
      if (!isUnreachable(error)) throw error
      if (clock.monotonic() >= deadline) {
        throw new Error(`${name} could not be reached in time (${reason}). Start it, or correct its URL.`, {
          cause: error,
        })
      }
      if (attempt === 0) onProgress(`Waiting for ${name} (${reason}).`)
      await clock.sleep(500)
    }
  }
}

/** What the adapters throw while their server is not there. */
const isUnreachable = (error: unknown): boolean =>
  error instanceof LogUnavailable || (error instanceof Error && 'unavailable' in error && error.unavailable === true)
