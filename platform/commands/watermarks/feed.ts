import type { Logger } from 'pino'
import type { Bus } from '../../bus/port.ts'
import { PARTITIONS } from '../../log/port.ts'
import { type Queryable, SqlError } from '../../sql/port.ts'
import { type Clock, systemClock } from '../../waiting.ts'
import type { Position } from '../command.ts'
import { parseWatermark, WATERMARK_CHANNEL, type WatermarkMessage } from './message.ts'
import { createWaiters } from './waiters.ts'
import type { Mark, Watermarks } from './watermarks.ts'

export interface WatermarkFeed extends Watermarks {
  /** How many wait for this mark. */
  waiting(mark: Mark): number
  /** Stops polling and listening; whoever waits is told that it was not reached. Idempotent. */
  close(): void
}

export interface WatermarkOptions {
  sql: Queryable
  bus: Bus
  logger: Logger
  clock?: Clock
  /** Every process of a system has the same. */
  pollMs?: number
  /** Waiters for each mark at once; one more is told at once that it was not reached. */
  maxWaiters?: number
}

/** Between two polls. Consumers let two of these pass after a raise. */
export const POLL_MS = 250

/** Polls that may be under way at once: one that hangs must not keep the next from another connection. */
const MAX_POLLS = 3

const POLL = 'SELECT partition, epoch, decided, served FROM consumer_progress'

export function openWatermarks(options: WatermarkOptions): WatermarkFeed {
  const { sql, bus, logger, clock = systemClock, pollMs = POLL_MS, maxWaiters = 10_000 } = options
  const marks = {
    decided: { at: zeros(), waiters: createWaiters(clock, maxWaiters) },
    served: { at: zeros(), waiters: createWaiters(clock, maxWaiters) },
  }
  let epochs: readonly number[] = zeros() // replaced, never changed: readers keep what they knew when they started
  let answered = false
  let lastWord = Number.NEGATIVE_INFINITY
  let polls = 0
  let silent = false
  const closing = new AbortController()

  function learn({ partition, epoch, decided, served }: WatermarkMessage): void {
    // The epoch first: nobody may learn that a change is told and still believe in a cache from before it.
    if (epoch > epochs[partition]!) epochs = epochs.with(partition, epoch)
    move('decided', partition, decided)
    move('served', partition, served)
  }

  function move(name: Mark, partition: number, to: number): void {
    const { at, waiters } = marks[name]
    const from = at[partition]!
    if (to <= from) return
    at[partition] = to
    waiters.advance(partition, from, to)
  }

  async function keepPolling(): Promise<void> {
    while (!closing.signal.aborted) {
      if (polls < MAX_POLLS) void poll()
      await clock.sleep(pollMs, closing.signal)
    }
  }

  async function poll(): Promise<void> {
    const sent = clock.monotonic()
    polls++
    try {
      const rows = await sql.query<WatermarkMessage>(POLL, [], 'watermarks-poll')
      if (rows.length !== PARTITIONS) throw new Error(`consumer_progress has ${rows.length} rows; run npm run migrate`)
      for (const row of rows) learn(row)
      answered = true
      lastWord = Math.max(lastWord, sent)
      if (silent) logger.info('watermarks are polled again')
      silent = false
    } catch (error) {
      // A refusal is Postgres' word too: then the cache is all there is, and goes on with the epochs known.
      if (error instanceof SqlError && error.unavailable) lastWord = Math.max(lastWord, sent)
      if (!silent && !closing.signal.aborted) logger.warn({ err: error }, 'watermarks cannot be polled')
      silent = true
    } finally {
      polls--
    }
  }

  const unsubscribe = bus.subscribe(WATERMARK_CHANNEL, (text) => {
    const message = parseWatermark(text)
    if (message) learn(message)
    else logger.warn({ text: text.slice(0, 200) }, 'no watermark message')
  })
  void keepPolling()

  return {
    async reach(positions, mark, timeoutMs, signal) {
      const { at, waiters } = marks[mark]
      const needs = uncovered(positions, at)
      return needs.size === 0 || waiters.wait(needs, timeoutMs, signal)
    },

    at: (partition, mark) => marks[mark].at[partition]!,

    waiting: (mark) => marks[mark].waiters.size,

    // An answer counts from when its question was sent: what it says may have been old when it came.
    epochs: () => (answered && clock.monotonic() - lastWord < 2 * pollMs ? epochs : null),

    close() {
      closing.abort()
      unsubscribe()
      for (const { waiters } of Object.values(marks)) waiters.close()
    },
  }
}

const zeros = (): number[] => new Array<number>(PARTITIONS).fill(0)

/** The furthest position of each partition that its mark does not cover yet. */
function uncovered(positions: Iterable<Position>, marks: readonly number[]): Map<number, number> {
  const needs = new Map<number, number>()
  for (const { partition, offset } of positions) {
    if (offset >= marks[partition]! && offset >= (needs.get(partition) ?? 0)) needs.set(partition, offset)
  }
  return needs
}
