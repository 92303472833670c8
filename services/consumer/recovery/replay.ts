import type { Outcome } from '../../../platform/commands/command.ts'
import { OUTCOMES_KEPT_DAYS } from '../../../platform/commands/operations/outcomes.ts'
import { type Log, PARTITIONS } from '../../../platform/log/port.ts'
import type { Queryable } from '../../../platform/sql/port.ts'
import type { Decided } from '../decide/fold.ts'
import { saveCounters, saveEntities, saveOutcomes } from '../decide/save.ts'
import { createWorking } from '../decide/world.ts'
import type { EntityDefinition } from '../entity.ts'
import { beginIncarnation, type Reading, readOutcomes } from '../events/reader.ts'

/** Outcomes written at once, and their JSON's length. */
const CHUNK = 500
const CHUNK_LENGTH = 2 * 1024 * 1024
/** Outcomes between two lines of progress. */
const SHOWN = 20_000
/** Outcomes older than they are kept are not written again. */
const KEPT_MS = OUTCOMES_KEPT_DAYS * 86_400_000

export interface ReplayParts {
  log: Log
  definitions: readonly EntityDefinition[]
  onProgress: (line: string) => void
  now?: () => number
}

/** Where a database stands. */
export interface Standing {
  /** Of the database; 0 for an empty one. */
  incarnation: number
  /** What it has decided, by partition: everything below. */
  next: readonly number[]
}

/** For a transaction that waits for the log in between, however long that takes. */
export const waitForLog = (tx: Queryable) => tx.query('SET LOCAL idle_in_transaction_session_timeout = 0')

/**
 * Brings a database up to the end of `events`, under an incarnation of its own: outcomes are facts and are not judged anew,
 * because judging is not repeatable across partitions and what was told must stay. Commands beyond are left to the consumer.
 * One transaction, because a name may change hands between two entities: no part of the way need keep every constraint, the
 * end does. Cut short, it has changed nothing, and the mark that it left on `events` is followed by another.
 * @param tx holds the rows of `consumer_progress`: nobody decides meanwhile
 * @throws NotTold, or SqlError of a constraint
 */
export async function replayEvents(tx: Queryable, given: ReplayParts, { incarnation, next }: Standing): Promise<void> {
  const parts = { now: Date.now, ...given }
  const begun = await beginIncarnation(parts.log)
  const reading = next.map((from, partition): Reading => ({ from, end: begun.ends[partition]!, incarnation }))
  const newest = await newestVersions(parts.log, reading)
  let count = 0
  for (const [partition, part] of reading.entries())
    count = await replay(tx, { ...parts, newest, count }, partition, part)
  await tx.query(
    `SELECT setval('project_number', greatest(1, (SELECT max(number) FROM projects)), EXISTS (SELECT FROM projects))`,
  )
  await tx.query(`UPDATE system SET value = to_jsonb($1::int) WHERE name = 'incarnation'`, [begun.incarnation])
  parts.onProgress(`The database is as events tell it: ${count} outcomes, ${newest.size} entities`)
}

/** Only the last state of each entity is written: any set of last states keeps every constraint, earlier ones may not. */
async function newestVersions(log: Log, reading: readonly Reading[]): Promise<Map<string, number>> {
  const newest = new Map<string, number>()
  for (const [partition, part] of reading.entries()) {
    for await (const { events } of readOutcomes(log, partition, part)) {
      for (const { id, version } of events) newest.set(id, version)
    }
  }
  return newest
}

interface Replaying extends Required<ReplayParts> {
  newest: ReadonlyMap<string, number>
  /** Outcomes of the partitions before. */
  count: number
}

/** Resolves to how many outcomes there were up to the end of this partition. */
async function replay(tx: Queryable, parts: Replaying, partition: number, reading: Reading): Promise<number> {
  const { log, definitions, now, newest, onProgress } = parts
  const counters = new Map<string, number>()
  let chunk: Outcome[] = []
  let length = 0
  let { count } = parts

  async function write(): Promise<void> {
    const outcomes = chunk
    chunk = []
    length = 0
    if (outcomes.length === 0) return
    const world = createWorking(definitions)
    for (const event of outcomes.flatMap(({ events }) => events)) {
      if (newest.get(event.id) === event.version) world.apply(event)
    }
    await saveEntities(tx, definitions, world)
    const kept = outcomes.filter(({ at }) => Date.parse(at) > now() - KEPT_MS)
    if (kept.length > 0) await saveOutcomes(tx, partition, kept.map(decidedOf), nothing)
    await moveTo(tx, partition, outcomes[outcomes.length - 1]!.offset + 1)
  }

  for await (const outcome of readOutcomes(log, partition, reading)) {
    for (const event of outcome.events) {
      const counted = definitions.find(({ kind }) => kind === event.kind)?.counted?.(event.data)
      if (counted) counters.set(counted.project, Math.max(counted.number, counters.get(counted.project) ?? 0))
    }
    chunk.push(outcome)
    length += JSON.stringify(outcome).length
    if (chunk.length === CHUNK || length >= CHUNK_LENGTH) await write()
    if (++count % SHOWN === 0) onProgress(`${count} outcomes, in partition ${partition + 1} of ${PARTITIONS}`)
  }
  await write()
  await saveCounters(tx, counters)
  return count
}

/** Everything of `events` is published already. */
const nothing = new Array<number>(PARTITIONS).fill(0)

/** The row as it was when it was decided; what came again is no first, and its version is looked up at the first. */
function decidedOf(outcome: Outcome): Decided {
  const own = outcome.events.findLast(({ id }) => id === outcome.entity)?.data ?? outcome.entityAsIs
  const again = outcome.repeats !== undefined || outcome.rejection?.code === 'idempotency.reused'
  return { outcome, first: !again, version: own?.version ?? null }
}

/** `served` stays: the owners move it once MongoDB has what is new. */
const moveTo = (tx: Queryable, partition: number, next: number) =>
  tx.query('UPDATE consumer_progress SET next_offset = $2, published = $2, decided = $2 WHERE partition = $1', [
    partition,
    next,
  ])
