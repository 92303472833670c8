import type { Bus } from '../../../platform/bus/port.ts'
import { type Cache, CacheUnavailable } from '../../../platform/cache/port.ts'
import type { Outcome } from '../../../platform/commands/command.ts'
import { type Log, LogUnavailable, PARTITIONS } from '../../../platform/log/port.ts'
import { type Queryable, type Sql, SqlError } from '../../../platform/sql/port.ts'
import { createLogger } from '../../../platform/telemetry/log.ts'
import { type Clock, systemClock } from '../../../platform/waiting.ts'
import { createDecider } from '../decide/decide.ts'
import { entities } from '../entities.ts'
import type { MongoProjection } from '../following/projections/mongo.ts'
import { createPublished } from '../following/publish.ts'
import { type OwnedPartition, ownPartition, type PartitionParts } from '../partition.ts'

const HURRY = 20
export const POLL_MS = 250

/** Everything waits so much shorter, and durations look so much longer. */
export const hurriedClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now() * HURRY,
  sleep: (ms, signal) => systemClock.sleep(ms / HURRY, signal),
}

/**
 * What happens to a process as it calls a part, before the call, after it, or (a statement) within a transaction: it fails, or
 * its answer is lost; it falls asleep, or dies. A name is like `log.append events` or `sql progress-move`.
 */
export type Hazard = (call: string, when: 'before' | 'after' | 'within') => 'fail' | 'sleep' | 'die' | undefined

export interface World {
  sql: Sql
  log: Log
  cache: Cache
  bus: Bus
  mongo: MongoProjection | null
  hazard: Hazard
  /** Told of what really got onto `events`, at its acknowledgement. */
  onEvents: (outcomes: readonly Outcome[]) => void
}

/** A consumer's process: at each of its awaits it may fail, lose an answer, fall asleep, or die. */
export interface Process {
  readonly dead: boolean
  readonly asleep: boolean
  wake(): void
  kill(): void
  /** What ended it, where something did. */
  readonly fault: Error | undefined
  /** Warnings, and what is worse. */
  readonly said: readonly string[]
  own(partition: number, lost: AbortSignal): Promise<OwnedPartition>
}

export function startProcess(world: World): Process {
  const { hazard } = world
  let dead = false
  let fault: Error | undefined
  const said: string[] = []
  let sleepers: (() => void)[] | undefined

  /** Where a call may never go on. */
  async function gate(call: string, when: 'before' | 'after', failure: () => Error): Promise<void> {
    const happens = dead ? undefined : hazard(call, when)
    if (happens === 'die') dead = true
    if (happens === 'sleep') sleepers ??= []
    if (sleepers) await new Promise<void>((resolve) => sleepers?.push(resolve))
    if (dead) await new Promise(() => undefined)
    if (happens === 'fail') throw failure()
  }

  async function call<T>(name: string, work: () => Promise<T>, failure: (lost: boolean) => Error): Promise<T> {
    await gate(name, 'before', () => failure(false))
    const result = await work()
    await gate(name, 'after', () => failure(true))
    return result
  }
  const sqlFailure = (lost: boolean) => new SqlError('trouble', lost ? '08007' : '08006')
  const logFailure = (lost: boolean) => new LogUnavailable('trouble', lost ? 'unknown' : 'no')
  const cacheFailure = () => new CacheUnavailable('trouble')
  const mongoFailure = () => new Error('trouble')

  const sql: Sql = {
    ...world.sql,
    query: (text, params, name) => call(`sql ${name ?? text}`, () => world.sql.query(text, params, name), sqlFailure),
    transaction: (work) => call('sql transaction', () => world.sql.transaction((tx) => work(within(tx))), sqlFailure),
  }
  /** Embedded Postgres is one connection: within a transaction a process dies, and does not sleep. */
  const within = (tx: Queryable): Queryable => ({
    async query(text, params, name) {
      const happens = hazard(`sql ${name ?? text}`, 'within')
      if (happens === 'die') dead = true
      if (dead || happens === 'fail') throw sqlFailure(false)
      return tx.query(text, params, name)
    },
  })
  const log: Log = {
    ...world.log,
    append: (topic, records) =>
      call(
        `log.append ${topic}`,
        async () => {
          const offsets = await world.log.append(topic, records)
          if (topic === 'events') world.onEvents(records.map(({ value }) => JSON.parse(value) as Outcome))
          return offsets
        },
        logFailure,
      ),
  }
  const cache: Cache = {
    ...world.cache,
    local: false,
    read: (keys) => call('cache.read', () => world.cache.read(keys), cacheFailure),
    refresh: (entries) => call('cache.refresh', () => world.cache.refresh(entries), cacheFailure),
  }
  const guarded = (mongo: MongoProjection): MongoProjection => ({
    prepare: () => call('mongo.prepare', () => mongo.prepare(), mongoFailure),
    apply: (changes) => call('mongo.apply', () => mongo.apply(changes), mongoFailure),
    cursors: {
      of: (partition) => call('mongo.cursors.of', () => mongo.cursors.of(partition), mongoFailure),
      all: () => mongo.cursors.all(),
      begin: (partition, at) => call('mongo.cursors.begin', () => mongo.cursors.begin(partition, at), mongoFailure),
      forget: (partition, at) => call('mongo.cursors.forget', () => mongo.cursors.forget(partition, at), mongoFailure),
      move: (partition, from, to) =>
        call('mongo.cursors.move', () => mongo.cursors.move(partition, from, to), mongoFailure),
    },
  })
  const parts: PartitionParts = {
    sql,
    log,
    cache,
    bus: { ...world.bus, publish: (channel, message) => void (!dead && world.bus.publish(channel, message)) },
    mongo: world.mongo && guarded(world.mongo),
    definitions: entities,
    decider: createDecider(sql, entities, 1),
    incarnation: 1,
    published: createPublished(sql, hurriedClock),
    epochs: () => new Array<number>(PARTITIONS).fill(0),
    onCacheReconnect: () => () => {},
    clock: hurriedClock,
    settleMs: 2 * POLL_MS,
    logger: createLogger({ level: 'warn', destination: { write: (line) => void said.push(line) } }),
    metrics: { decided() {}, took() {}, mark() {}, retried() {} },
    onDecided() {},
    onFatal(error) {
      fault ??= error
      dead = true
    },
  }

  return {
    said,
    get dead() {
      return dead
    },
    get asleep() {
      return sleepers !== undefined
    },
    get fault() {
      return fault
    },
    kill() {
      dead = true
    },
    wake() {
      const woken = sleepers ?? []
      sleepers = undefined
      for (const wake of woken) wake()
    },
    own: (partition, lost) => ownPartition(partition, parts, lost),
  }
}
