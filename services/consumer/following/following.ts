import type { Logger } from 'pino'
import type { Bus } from '../../../platform/bus/port.ts'
import type { Cache } from '../../../platform/cache/port.ts'
import { formatWatermark, WATERMARK_CHANNEL } from '../../../platform/commands/watermarks/message.ts'
import type { Mark } from '../../../platform/commands/watermarks/watermarks.ts'
import type { Log } from '../../../platform/log/port.ts'
import type { Sql } from '../../../platform/sql/port.ts'
import { type Clock, retrying, within } from '../../../platform/waiting.ts'
import type { Batch } from '../decide/decide.ts'
import type { EntityDefinition } from '../entity.ts'
import type { ConsumerMetrics } from '../metrics.ts'
import { Fenced, type Ownership } from '../ownership/ownership.ts'
import { type Backlog, createBacklog } from './backlog.ts'
import { servedFrom } from './catch-up.ts'
import { createCacheProjection } from './projections/cache.ts'
import type { MongoProjection } from './projections/mongo.ts'
import type { Published } from './publish.ts'
import { publishing, type StageParts, serving } from './stages.ts'

/** How long stopping waits for the stages. */
const CLOSE_MS = 5000

export interface FollowingParts {
  log: Log
  sql: Sql
  cache: Cache | null
  onCacheReconnect: (listener: () => void) => () => void
  bus: Bus
  mongo: MongoProjection | null
  definitions: readonly EntityDefinition[]
  published: Published
  /** Cache epochs of all partitions, as this process knows them. */
  epochs: () => readonly number[]
  clock: Clock
  logger: Logger
  metrics: ConsumerMetrics
  /** What is decided and may be told. */
  onDecided: (batch: Batch) => void
  /** MongoDB has them. */
  onServed: (batch: Batch) => void
  /** A stage has ended by itself: Fenced, or a fault. */
  onEnd: (error: unknown) => void
}

/** What follows the decisions of an owned partition: they are published, projected and told. */
export interface Following {
  /** A batch is committed. */
  push(batch: Batch): void
  /** Everything below is committed, though its batches are not at hand. */
  committed(end: number): void
  /** Resolves once all that is committed is being published, or when the signal fires. */
  taken(signal: AbortSignal): Promise<void>
  /** Ends with what is under way (bounded). */
  close(): Promise<void>
}

/** @param publishFrom everything below is on `events` */
export function follow(ownership: Ownership, publishFrom: number, parts: FollowingParts): Following {
  const { sql, log, bus, clock, mongo, metrics, logger } = parts
  const { partition, taken } = ownership
  const stopping = new AbortController()
  const { signal } = stopping
  const marks = { decided: taken.decided, served: taken.served }
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
    onRetry(name, error, attempt) {
      metrics.retried(name)
      logger[attempt === 0 ? 'warn' : 'debug'](
        { err: error, stage: name, attempt },
        'a part does not answer: trying again',
      )
    },
    announce: () => bus.publish(WATERMARK_CHANNEL, formatWatermark({ partition, epoch: ownership.epoch(), ...marks })),
  }

  function mark(name: Mark, end: number): void {
    marks[name] = Math.max(marks[name], end)
    metrics.mark(name, partition, marks[name])
  }

  const unpublished = createBacklog(sql, partition, publishFrom)
  unpublished.committed(taken.next)
  const told: readonly Mark[] = mongo ? ['decided'] : ['decided', 'served']
  let unserved: Backlog | undefined // where MongoDB stands cannot be asked while it is down

  async function serve(mongo: MongoProjection): Promise<void> {
    const again = {
      ...{ clock, signal },
      onRetry: (error: unknown, attempt: number) => stage.onRetry('mongo', error, attempt),
      retryable: (error: unknown) => !(error instanceof Fenced),
    }
    let row = taken
    for (;;) {
      const served = await retrying(
        () => servedFrom({ ...parts, mongo, stillOwned: ownership.row }, partition, row),
        again,
      )
      unserved = createBacklog(sql, partition, served.from)
      unserved.committed(marks.decided)
      await serving(stage, { ...served, row, backlog: unserved, mongo, onServed })
      if (signal.aborted) return
      logger.warn('MongoDB has lost what it had: it is filled again')
      await retrying(() => cache.renew(), again)
      row = await retrying(() => ownership.row(), again)
    }

    function onServed(end: number, batch?: Batch): void {
      mark('served', end)
      if (batch) parts.onServed(batch)
    }
  }

  const stages = [
    publishing(stage, {
      backlog: unpublished,
      log,
      published: parts.published,
      marks: told,
      onTold(end, batch) {
        for (const name of told) mark(name, end)
        if (!batch) return
        unserved?.push(batch)
        parts.onDecided(batch)
      },
    }),
    ...(mongo ? [serve(mongo)] : []),
  ]
  for (const running of stages) {
    running.catch((error: unknown) => {
      if (!signal.aborted) parts.onEnd(error)
    })
  }

  return {
    push: unpublished.push,
    committed: unpublished.committed,
    taken: unpublished.taken,
    async close() {
      stopping.abort()
      cache.close()
      await within(Promise.allSettled(stages), CLOSE_MS)
    },
  }
}
