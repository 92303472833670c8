import type { Outcome } from '../../../platform/commands/command.ts'
import type { Queryable } from '../../../platform/sql/port.ts'
import type { Batch } from '../decide/decide.ts'
import { OUTCOME_BYTES } from '../decide/fold.ts'

/** Batches kept in memory for a stage, and what they are together; a stage that is further behind reads them from Postgres. */
const KEPT = 16
const KEPT_SIZE = 2 * OUTCOME_BYTES
/** Of a batch that is read back, which ends like others behind the outcome that fills it. */
const ROWS = 500

/**
 * The committed batches of one partition, from a cursor on, for one later stage. It holds little in memory, so a stage
 * may be as far behind as it likes: what was dropped, or was committed before this process, comes from `outcomes`.
 */
export interface Backlog {
  /** Offers a batch; it may be dropped. Everything below its end is committed. */
  push(batch: Batch): void
  /** Without a batch: everything below `end` is committed. */
  committed(end: number): void
  /** The next batch at the cursor, which then moves behind it; waits for one. Null when the signal fires. */
  next(signal: AbortSignal): Promise<Batch | null>
  /** How many records the stage is behind. */
  readonly behind: number
  /** Resolves once the stage has all that is committed in hand, or when the signal fires. For one caller at a time. */
  taken(signal: AbortSignal): Promise<void>
}

export function createBacklog(sql: Queryable, partition: number, from: number): Backlog {
  const kept: Batch[] = []
  let size = 0
  let cursor = from
  let end = from
  const arrived = createBell()
  const handedOut = createBell()

  function committed(to: number): void {
    end = Math.max(end, to)
    arrived.ring()
  }

  function keep(batch: Batch): void {
    if (kept.length === KEPT || size + batch.size > KEPT_SIZE) return
    kept.push(batch)
    size += batch.size
  }

  function drop(): Batch {
    const batch = kept.shift()!
    size -= batch.size
    return batch
  }

  return {
    push(batch) {
      keep(batch)
      committed(batch.last + 1)
    },
    committed,
    async next(signal) {
      while (end <= cursor && !signal.aborted) await arrived.rung(signal)
      if (signal.aborted) return null
      while (kept[0] && kept[0].first < cursor) drop()
      const batch = kept[0]?.first === cursor ? drop() : await readBatch(sql, partition, cursor, end)
      cursor = batch.last + 1
      handedOut.ring()
      return batch
    },
    get behind() {
      return end - cursor
    },
    async taken(signal) {
      while (cursor < end && !signal.aborted) await handedOut.rung(signal)
    },
  }
}

/** One waits, another rings. */
function createBell() {
  let wake: (() => void) | undefined
  return {
    ring: () => wake?.(),
    rung: (signal: AbortSignal) =>
      new Promise<void>((resolve) => {
        const done = () => {
          signal.removeEventListener('abort', done)
          wake = undefined
          resolve()
        }
        wake = done
        if (signal.aborted) return done()
        signal.addEventListener('abort', done, { once: true })
      }),
  }
}

interface Row extends Record<string, unknown> {
  version: number | null
  first: boolean
  record: Outcome
  after: number[]
  /** Of this record and those before it. */
  size: number
}

/**
 * Rows that were committed together, or could have been: merging batches that waited for different things would let
 * one wait for what waits for it.
 */
async function readBatch(sql: Queryable, partition: number, from: number, end: number): Promise<Batch> {
  const rows = await sql.query<Row>(
    `WITH RECURSIVE taken AS (
       SELECT position, octet_length(record::text)::bigint AS size FROM outcomes WHERE partition = $1 AND position = $2
       UNION ALL
       SELECT o.position, taken.size + octet_length(o.record::text) FROM taken
         JOIN outcomes o ON o.partition = $1 AND o.position = taken.position + 1
        WHERE taken.size < ${OUTCOME_BYTES} AND taken.position + 1 < least($3::bigint, $2::bigint + ${ROWS}))
     SELECT version, first, record, after, size FROM taken JOIN outcomes USING (position) WHERE partition = $1 ORDER BY position`,
    [partition, from, end],
    'backlog',
  )
  const head = rows[0]
  if (head?.record.offset !== from) throw new OutcomeMissing(partition, from)
  const goesOn = ({ after }: Row) => after.every((offset, place) => offset === head.after[place])
  const other = rows.findIndex((row) => !goesOn(row))
  const taken = other < 0 ? rows : rows.slice(0, other)
  return {
    partition,
    first: from,
    last: from + taken.length - 1,
    decided: taken.map(({ record, version, first }) => ({ outcome: record, version, first })),
    after: head.after,
    size: taken[taken.length - 1]!.size,
  }
}

/**
 * The outcome at a position is kept no longer, though a stage needs it: `events` lost more than Postgres keeps, or MongoDB was
 * so far behind that what it lacks was dropped while it caught up. At the next start it is filled from the tables.
 */
export class OutcomeMissing extends Error {
  constructor(partition: number, offset: number) {
    super(
      `the outcome at ${partition}:${offset} is needed, and Postgres keeps it no longer. Start again: MongoDB is then filled from ` +
        'the tables. If this comes back, events have lost it: restore them.',
    )
    this.name = 'OutcomeMissing'
  }
}
