import { randomUUID } from 'node:crypto'
import { constants, existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, rename, rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { Redis } from 'ioredis'
import { Kafka, logLevel } from 'kafkajs'
import { MongoClient } from 'mongodb'
import { expect, inject, vi } from 'vitest'
import { openSql, type SqlOptions } from '../../platform/sql/mod.ts'
import type { Sql } from '../../platform/sql/port.ts'
import { scratchDatabase } from '../../platform/sql/scratch.testing.ts'
import { realParts } from '../real-parts.ts'
import { admin, type Settings } from '../system.ts'
import { startProgram } from './program.ts'

/** What a system stands on: the settings that lead there. */
export interface Place {
  env: Settings
  /** Looks into its database as it was when the place had just been made. */
  database<T>(look: (sql: Sql) => Promise<T>): Promise<T>
  remove(): Promise<void>
}

/** A data directory where nobody has been. */
export async function emptyPlace(): Promise<Place & { directory: string }> {
  const directory = await mkdtemp(join(inject('systems'), 'data-'))
  return {
    directory,
    env: { DATA_DIR: directory },
    database: () => Promise.reject(new Error('there was none')),
    remove: () => rm(directory, { recursive: true, force: true, maxRetries: 5 }),
  }
}

/** A data directory after its first start, with the admin and no demo data. */
export async function preparedPlace(): Promise<Place & { directory: string }> {
  const place = await emptyPlace()
  await cp(await template(), place.directory, { recursive: true, mode: constants.COPYFILE_FICLONE })
  return { ...place, env: { ...place.env, DEMO_DATA: 'false' }, database: lookIntoCopy }
}

/** The embedded database belongs to the process that runs on it. */
async function lookIntoCopy<T>(look: (sql: Sql) => Promise<T>): Promise<T> {
  const { directory, remove } = await emptyPlace()
  await cp(join(await template(), 'sql'), directory, { recursive: true, mode: constants.COPYFILE_FICLONE })
  return lookInto({ directory }, look).finally(remove)
}

async function lookInto<T>(options: SqlOptions, look: (sql: Sql) => Promise<T>): Promise<T> {
  const sql = await openSql(options)
  return look(sql).finally(() => sql.close())
}

/** Made once a run, because a first start takes seconds: by whoever needs it first, the others wait for it. */
async function template(): Promise<string> {
  const path = join(inject('systems'), 'template')
  const claim = `${path}-claim`
  const madeByNow = async () => {
    if (existsSync(path)) return
    await mkdir(claim) // fails while another one makes it
    await makeTemplate(path).finally(() => rmdir(claim))
  }
  await vi.waitFor(madeByNow, { timeout: 120_000, interval: 100 })
  return path
}

async function makeTemplate(path: string): Promise<void> {
  const draft = await mkdtemp(`${path}-draft-`)
  const program = await startProgram({ DATA_DIR: draft, ADMIN_PASSWORD: admin.password, DEMO_DATA: 'false' })
  await program.ready()
  expect(await program.end('SIGTERM')).toBe(0)
  await rm(join(draft, 'lock'), { recursive: true })
  await rename(draft, path)
}

/** A database, a prefix of topics, one of keys, and a MongoDB database. @throws Error where a real part is not given */
export async function realPlace(): Promise<Place> {
  const [brokers, redisUrl, databaseUrl, mongoUrl] = realParts.map((name) => {
    const url = process.env[name]
    if (!url) throw new Error(`${name} is not set: these tests need every real part`)
    return url
  }) as [string, string, string, string]
  const name = `e2e_${randomUUID().slice(0, 8)}`
  const database = await scratchDatabase(databaseUrl)
  const mongo = new URL(mongoUrl)
  mongo.pathname = `/${name}`
  return {
    env: {
      KAFKA_BROKERS: brokers,
      TOPIC_PREFIX: `${name}.`,
      REDIS_URL: redisUrl,
      REDIS_PREFIX: `${name}:`,
      DATABASE_URL: database.url,
      MONGO_URL: mongo.href,
    },
    database: (look) => lookInto({ url: database.url, poolSize: 1 }, look),
    async remove() {
      await Promise.all([
        database.drop(),
        removeTopics(brokers, name),
        removeKeys(redisUrl, name),
        removeCollections(mongo.href),
      ])
    },
  }
}

async function removeTopics(brokers: string, prefix: string): Promise<void> {
  const kafka = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING }).admin()
  await kafka.connect()
  const remove = async () => {
    const { groups } = await kafka.listGroups()
    const mine = groups.map(({ groupId }) => groupId).filter((group) => group.startsWith(prefix))
    if (mine.length > 0) await kafka.deleteGroups(mine)
    const topics = (await kafka.listTopics()).filter((topic) => topic.startsWith(prefix))
    if (topics.length > 0) await kafka.deleteTopics({ topics })
  }
  // A member that could not say that it leaves is one for ten seconds more.
  await vi.waitFor(remove, { timeout: 45_000, interval: 500 }).finally(() => kafka.disconnect())
}

async function removeKeys(url: string, prefix: string): Promise<void> {
  const redis = new Redis(url)
  for await (const keys of redis.scanStream({ match: `${prefix}*`, count: 1000 })) {
    if (keys.length > 0) await redis.del(...keys)
  }
  redis.disconnect()
}

async function removeCollections(url: string): Promise<void> {
  const client = new MongoClient(url)
  await client.db().dropDatabase()
  await client.close()
}
