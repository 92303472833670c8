import type { Mark } from '../../../platform/commands/watermarks/watermarks.ts'
import type { Log } from '../../../platform/log/port.ts'
import { type Clock, retrying } from '../../../platform/waiting.ts'
import type { Batch } from '../decide/decide.ts'
import type { EntityDefinition } from '../entity.ts'
import { Fenced, type Ownership } from '../ownership/ownership.ts'
import type { ProgressRow } from '../ownership/progress.ts'
import { type Backlog, OutcomeMissing } from './backlog.ts'
import type { Served } from './catch-up.ts'
import { changesOf } from './changes.ts'
import type { CacheProjection } from './projections/cache.ts'
import type { MongoProjection } from './projections/mongo.ts'
import { type Published, publish } from './publish.ts'

/** What both stages of one partition stand on. */
export interface StageParts {
  ownership: Ownership
  definitions: ReadonlyMap<string, EntityDefinition>
  cache: CacheProjection
  clock: Clock
  signal: AbortSignal
  /** Told before each retry of a store that does not answer. */
  onRetry: (stage: string, error: unknown, attempt: number) => void
  /** Tells every service how far the partition is. */
  announce: () => void
}

interface Publishing {
  backlog: Backlog
  log: Log
  published: Published
  /** What may be told then: `decided`, and where there is no MongoDB behind it `served` too. */
  marks: readonly Mark[]
  onTold: (end: number, batch?: Batch) => void
}

/**
 * First stage after the commit: outcomes onto `events`, then the cache for what is readable then, then the marks. Ends when
 * the signal fires. @throws Fenced
 */
export async function publishing(parts: StageParts, stage: Publishing): Promise<void> {
  const { ownership, definitions, cache, signal } = parts
  const { marks } = stage
  const persist = <T>(work: () => Promise<T>) => retrying(work, backoff(parts, 'events'))

  async function tell(end: number, batch?: Batch): Promise<void> {
    const told = Object.fromEntries(marks.map((mark) => [mark, end]))
    await persist(() => ownership.move(batch ? { published: end, ...told } : told, signal))
    stage.onTold(end, batch)
    parts.announce()
  }

  // An owner that had a MongoDB has decided more than was served: from now on that is the same.
  const { decided } = ownership.taken
  if (marks.some((mark) => ownership.taken[mark] < decided)) await tell(decided)
  for (;;) {
    const batch = await persist(() => stage.backlog.next(signal))
    if (!batch) return
    await persist(() => stage.published.wait(batch.after, signal))
    await publish(stage.log, batch, persist)
    const end = batch.last + 1
    stage.published.reached(ownership.partition, end)
    await persist(() => cache.apply(changesOf(batch, definitions, marks)))
    await tell(end, batch)
  }
}

interface Serving extends Served {
  /** The row of the partition, as it was when MongoDB was asked where it stands. */
  row: Pick<ProgressRow, 'next' | 'served'>
  backlog: Backlog
  mongo: MongoProjection
  onServed: (end: number, batch?: Batch) => void
}

/** How often MongoDB is looked at while nothing is written to it. */
const LOOK_MS = 2000

/**
 * Second stage, where there is a MongoDB: that, then the cache for tasks and documents, then `served`. A new owner first brings
 * MongoDB up to where it took over, then starts a new epoch: what readers cached of it under the epoch of the
 * takeover may be older than what is told next. MongoDB's cursor is written before the mark, so it is never behind it.
 * Returns when MongoDB has lost what it had, or the signal has fired. @throws Fenced
 */
export async function serving(parts: StageParts, stage: Serving): Promise<void> {
  const { ownership, definitions, cache, clock } = parts
  const { mongo, backlog } = stage
  const { partition } = ownership
  const lost = new AbortController()
  const signal = AbortSignal.any([parts.signal, lost.signal])
  const persist = <T>(work: () => Promise<T>) => retrying(work, backoff(parts, 'served'))
  const target = stage.row.next
  let renewed = stage.row.served >= target && !stage.wasBehind
  let end = stage.from

  async function tell(batch?: Batch): Promise<void> {
    await persist(() => ownership.move({ served: end }, parts.signal))
    stage.onServed(end, batch)
    parts.announce()
  }

  async function watch(): Promise<void> {
    for (;;) {
      await clock.sleep(LOOK_MS, signal)
      if (signal.aborted) return
      const least = end
      const at = await mongo.cursors.of(partition).catch(() => least) // whoever writes next will see
      if (at === null || at < least) lost.abort()
    }
  }

  async function serve(): Promise<void> {
    for (;;) {
      if (!renewed && end >= target) {
        await persist(() => cache.renew())
        renewed = true
        await tell()
      }
      const batch = await persist(() => backlog.next(signal))
      if (!batch) return
      const changes = changesOf(batch, definitions, ['served'])
      await persist(() => mongo.apply(changes))
      const [from, to] = [end, batch.last + 1]
      if (!(await persist(() => mongo.cursors.move(partition, from, to)))) return
      end = to
      if (!renewed) continue
      await persist(() => cache.apply(changes))
      await tell(batch)
    }
  }

  const watching = watch()
  try {
    await serve()
  } finally {
    lost.abort()
    await watching
  }
}

const backoff = ({ clock, signal, onRetry }: StageParts, stage: string) => ({
  clock,
  signal,
  onRetry: (error: unknown, attempt: number) => onRetry(stage, error, attempt),
  retryable: (error: unknown) =>
    !(error instanceof Fenced || error instanceof OutcomeMissing || error instanceof RangeError), // the last: what no log takes
})
