import type { Logger } from 'pino'
import type { Bus } from '../../platform/bus/port.ts'
import type { Cache } from '../../platform/cache/port.ts'
import { formatWatermark, WATERMARK_CHANNEL } from '../../platform/commands/watermark-message.ts'
import type { Log, LogRecord } from '../../platform/log/port.ts'
import type { Sql } from '../../platform/sql/port.ts'
import { type Clock, retrying, within } from '../../platform/waiting.ts'
import { createBacklog } from './backlog.ts'
import { servedFrom } from './catch-up.ts'
import type { Batch, Decider } from './decide.ts'
import type { EntityDefinition } from './entity.ts'
import { createIntake } from './intake.ts'
import type { ConsumerMetrics } from './metrics.ts'
import { Fenced, own } from './ownership.ts'
import { createCacheProjection } from './projections/cache.ts'
import type { MongoProjection } from './projections/mongo.ts'
import type { Published } from './publish.ts'
import { publishing, type StageParts, serving } from './stages.ts'

/** Records committed but not yet on `events` at which deciding pauses. */
const AHEAD = 5000
/** How long stopping waits for the stages. */
const CLOSE_MS = 5000
/** How long a fenced owner waits for the log to take the partition away before it gives up. */
const FENCED_MS = 30_000

export interface PartitionParts {
  log: Log
  sql: Sql
  cache: Cache | null
  onCacheReconnect: (listener: () => void) => () => void
  bus: Bus
  mongo: MongoProjection | null
  definitions: readonly EntityDefinition[]
  decider: Decider
  published: Published
  /** Cache epochs of all partitions, as this process knows them. */
  epochs: () => readonly number[]
  clock: Clock
  /** Two poll intervals of the readers; 0 where nobody else reads the cache. */
  settleMs: number
  logger: Logger
  metrics: ConsumerMetrics
  /** A fault that ends the whole consumer, with a sentence. */
  onFatal: (error: Error) => void
  /** What is decided and may be told. */
  onDecided: (batch: Batch) => void
}

/** One owned partition: decided in the log's turn, published and served behind it. */
export interface OwnedPartition {
  /** The offset to read from. */
  readonly next: number
  /** Resolves to the offset to read next. */
  batch(records: readonly LogRecord[], signal: AbortSignal): Promise<number>
  close(): Promise<void>
}

export async function ownPartition(partition: number, parts: PartitionParts): Promise<OwnedPartition> {
  const { sql, clock, mongo, metrics } = parts
  const logger = parts.logger.child({ partition })
  const ownership = await own(partition, parts)
  const { taken } = ownership
  const stopping = new AbortController()
  const { signal } = stopping
  const marks = { decided: taken.decided, served: taken.served }
  logger.info({ epoch: taken.epoch, next: taken.next }, 'partition taken over')

  const retried = (stage: string, error: unknown, attempt: number) =>
    logger[attempt === 0 ? 'warn' : 'debug']({ err: error, stage, attempt }, 'a part does not answer: trying again')
  const cache = createCacheProjection({
    ...parts,
    ownership,
    signal,
    onShut: (error) => logger.warn({ err: error }, 'the cache does not answer: going on without it'),
  })
  const stage: StageParts = {
    ownership,
    definitions: new Map(parts.definitions.map((definition) => [definition.kind, definition])),
    cache,
    clock,
    signal,
    onRetry: retried,
    announce: () =>
      parts.bus.publish(WATERMARK_CHANNEL, formatWatermark({ partition, epoch: ownership.epoch(), ...marks })),
  }
  const mark = (name: 'decided' | 'served', end: number) => {
    marks[name] = Math.max(marks[name], end)
    metrics.mark(name, partition, end)
  }

  const unpublished = createBacklog(sql, partition, taken.published)
  unpublished.committed(taken.next)
  // Where MongoDB is cannot be asked while it is down, so the backlog starts where it surely is behind.
  let offerServed: (batch: Batch) => void = () => {}
  const stages = [
    publishing(stage, {
      backlog: unpublished,
      log: parts.log,
      published: parts.published,
      onDecided(batch) {
        mark('decided', batch.last + 1)
        offerServed(batch)
        parts.onDecided(batch)
      },
    }),
    (async () => {
      const ask = (to: MongoProjection) => servedFrom({ ...parts, mongo: to }, partition, taken)
      const onRetry = (error: unknown, attempt: number) => retried('mongo', error, attempt)
      const served = mongo
        ? await retrying(() => ask(mongo), { clock, signal, onRetry })
        : { from: taken.served, wasBehind: false }
      const unserved = createBacklog(sql, partition, served.from)
      unserved.committed(marks.decided)
      offerServed = (batch) => unserved.push(batch)
      await serving(stage, { ...served, backlog: unserved, mongo, onServed: (end) => mark('served', end) })
    })(),
  ]
  for (const running of stages) running.catch(ended)

  function ended(error: unknown): void {
    if (signal.aborted) return
    if (error instanceof Fenced) logger.warn('another process has taken the partition over')
    else parts.onFatal(error instanceof Error ? error : new Error(String(error)))
  }

  const intake = createIntake({
    sql,
    clock,
    decider: parts.decider,
    ownership,
    onRetry: (error, attempt) => retried('decide', error, attempt),
    onBatch(batch) {
      metrics.decided(batch)
      unpublished.push(batch)
    },
  })

  return {
    next: taken.next,
    async batch(records, lost) {
      const either = AbortSignal.any([signal, lost])
      while (unpublished.behind > AHEAD && !either.aborted) await clock.sleep(5, either)
      try {
        return await intake.take(records, either)
      } catch (error) {
        if (either.aborted) return records[0]!.offset
        if (!(error instanceof Fenced)) parts.onFatal(error instanceof Error ? error : new Error(String(error)))
        await clock.sleep(FENCED_MS, either)
        if (!either.aborted) parts.onFatal(new Fenced(partition))
        return records[0]!.offset
      }
    },
    async close() {
      stopping.abort(new Fenced(partition))
      cache.close()
      await within(Promise.allSettled(stages), CLOSE_MS)
    },
  }
}
