import { setImmediate } from 'node:timers'
import type { Bus } from '../../../platform/bus/port.ts'
import { type Cache, CacheUnavailable } from '../../../platform/cache/port.ts'
import { type Log, LogUnavailable, type NewRecord, PARTITIONS, type Topic } from '../../../platform/log/port.ts'
import type { Chance } from '../../../platform/reads/simulation/chance.testing.ts'
import { type Queryable, type Sql, SqlError } from '../../../platform/sql/port.ts'
import { createLogger } from '../../../platform/telemetry/log.ts'
import { type Clock, systemClock } from '../../../platform/waiting.ts'
import { createDecider } from '../decide.ts'
import { entities } from '../entities.ts'
import { type OwnedPartition, ownPartition, type PartitionParts } from '../partition.ts'
import type { MongoProjection } from '../projections/mongo.ts'
import { createPublished } from '../publish.ts'

const HURRY = 20
export const POLL_MS = 250

/** Everything waits so much shorter, and durations look so much longer. */
export const hurriedClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now() * HURRY,
  sleep: (ms, signal) => systemClock.sleep(ms / HURRY, signal),
}

export interface World {
  sql: Sql
  log: Log
  cache: Cache
  bus: Bus
  mongo: MongoProjection
  chance: Chance
  /** Per call of a part: how likely it is that something happens to it. */
  trouble: { fail: number; lose: number; die: number; pause: number }
  /** Told of what really got onto `events`, at its acknowledgement. */
  onEvents: (records: readonly NewRecord[]) => void
}

/** A consumer's process: at each of its awaits it may fail, lose an answer, fall asleep, or die. */
export interface Process {
  readonly dead: boolean
  /** Asleep it knows of no time that passes. */
  readonly asleep: boolean
  wake(): void
  kill(): void
  /** What ended it, where something did. */
  readonly fault: Error | undefined
  own(partition: number, lost: AbortSignal): Promise<OwnedPartition>
}

export function startProcess(world: World): Process {
  const { chance, trouble } = world
  let dead = false
  let fault: Error | undefined
  let sleepers: (() => void)[] | undefined

  function kill(): void {
    dead = true
  }

  /** Where a call of a part may never go on. */
  async function gate(): Promise<void> {
    if (chance.of(trouble.die)) kill()
    if (!dead && chance.of(trouble.pause)) sleepers ??= []
    if (chance.of(0.2)) await new Promise((resolve) => setImmediate(resolve))
    if (sleepers) await new Promise<void>((resolve) => sleepers?.push(resolve))
    if (dead) await new Promise(() => undefined)
  }

  const call = async <T>(work: () => Promise<T>, failure: (lost: boolean) => Error): Promise<T> => {
    await gate()
    if (chance.of(trouble.fail)) throw failure(false)
    const result = await work()
    await gate()
    if (chance.of(trouble.lose)) throw failure(true)
    return result
  }
  const sqlFailure = (lost: boolean) => new SqlError('trouble', lost ? '08007' : '08006')
  const cacheFailure = () => new CacheUnavailable('trouble')
  const mongoFailure = () => new Error('trouble')

  const sql: Sql = {
    ...world.sql,
    query: (text, params, name) => call(() => world.sql.query(text, params, name), sqlFailure),
    transaction: (work) => call(() => world.sql.transaction((tx) => work(dying(tx))), sqlFailure),
  }
  /** Embedded Postgres is one connection: within a transaction a process dies, and does not sleep. */
  const dying = (tx: Queryable): Queryable => ({
    async query(text, params, name) {
      if (chance.of(trouble.die / 4)) kill()
      if (dead || chance.of(trouble.fail / 4)) throw sqlFailure(false)
      return tx.query(text, params, name)
    },
  })
  const log: Log = {
    ...world.log,
    append: (topic: Topic, records) =>
      call(
        async () => {
          const offsets = await world.log.append(topic, records)
          if (topic === 'events') world.onEvents(records)
          return offsets
        },
        (lost) => new LogUnavailable('trouble', lost ? 'unknown' : 'no'),
      ),
  }
  const cache: Cache = {
    ...world.cache,
    local: false,
    read: (keys) => call(() => world.cache.read(keys), cacheFailure),
    refresh: (entries) => call(() => world.cache.refresh(entries), cacheFailure),
  }
  const { mongo } = world
  const parts: PartitionParts = {
    sql,
    log,
    cache,
    bus: { ...world.bus, publish: (channel, message) => void (!dead && world.bus.publish(channel, message)) },
    mongo: {
      prepare: () => call(() => mongo.prepare(), mongoFailure),
      apply: (changes) => call(() => mongo.apply(changes), mongoFailure),
      cursors: {
        of: (partition) => call(() => mongo.cursors.of(partition), mongoFailure),
        all: () => call(() => mongo.cursors.all(), mongoFailure),
        move: (partition, to) => call(() => mongo.cursors.move(partition, to), mongoFailure),
      },
    },
    definitions: entities,
    decider: createDecider(sql, entities, 1),
    incarnation: 1,
    published: createPublished(sql, hurriedClock),
    epochs: () => new Array<number>(PARTITIONS).fill(0),
    onCacheReconnect: () => () => {},
    clock: hurriedClock,
    settleMs: 2 * POLL_MS,
    logger: createLogger({ level: 'silent' }),
    metrics: { decided() {}, mark() {} },
    onDecided() {},
    onFatal(error) {
      fault ??= error
      kill()
    },
  }

  return {
    get dead() {
      return dead
    },
    get asleep() {
      return sleepers !== undefined
    },
    get fault() {
      return fault
    },
    kill,
    wake() {
      const woken = sleepers ?? []
      sleepers = undefined
      for (const wake of woken) wake()
    },
    own: (partition, lost) => ownPartition(partition, parts, lost),
  }
}
