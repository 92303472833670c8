import type { Outcome } from '../../../platform/commands/command.ts'
import { type Log, PARTITIONS } from '../../../platform/log/port.ts'
import type { Queryable, Sql } from '../../../platform/sql/port.ts'
import type { Decided } from '../decide/fold.ts'
import { saveCounters, saveEntities, saveOutcomes } from '../decide/save.ts'
import { createWorking } from '../decide/world.ts'
import type { EntityDefinition } from '../entity.ts'
import { beginIncarnation, readOutcomes } from './events-reader.ts'

/** Outcomes written at once. */
const CHUNK = 500
/** Outcomes older than they are kept are not written again. */
const KEPT_MS = 7 * 86_400_000

export interface RebuildParts {
  log: Log
  /** Empty and migrated. */
  sql: Sql
  definitions: readonly EntityDefinition[]
  onProgress: (line: string) => void
  now?: () => number
}

/**
 * Makes the database again from `events`: outcomes are facts and are not judged anew, because judging is not repeatable across
 * partitions and what was told must stay. Commands beyond their end are left to the consumer.
 */
export async function rebuild(given: RebuildParts): Promise<void> {
  const parts = { now: Date.now, ...given }
  const { log, sql, onProgress } = parts
  onProgress('Making the database again from the log')
  const { incarnation, ends } = await beginIncarnation(log)
  const newest = await newestVersions(log, ends)
  let count = 0
  for (let partition = 0; partition < PARTITIONS; partition++) {
    count += await replay(parts, partition, ends[partition]!, newest)
  }
  await sql.query(
    `SELECT setval('project_number', greatest(1, (SELECT max(number) FROM projects)), EXISTS (SELECT FROM projects))`,
  )
  await sql.query(`UPDATE system SET value = to_jsonb($1::int) WHERE name = 'incarnation'`, [incarnation])
  onProgress(`Made the database again: ${count} outcomes, ${newest.size} entities`)
}

/** Only the last state of each entity is written: any set of last states keeps every constraint, earlier ones may not. */
async function newestVersions(log: Log, ends: readonly number[]): Promise<Map<string, number>> {
  const newest = new Map<string, number>()
  for (let partition = 0; partition < PARTITIONS; partition++) {
    for await (const { events } of readOutcomes(log, partition, ends[partition]!)) {
      for (const { id, version } of events) newest.set(id, version)
    }
  }
  return newest
}

async function replay(
  { log, sql, definitions, now }: Required<RebuildParts>,
  partition: number,
  end: number,
  newest: ReadonlyMap<string, number>,
): Promise<number> {
  const counters = new Map<string, number>()
  let chunk: Outcome[] = []
  let count = 0

  async function write(): Promise<void> {
    const outcomes = chunk
    chunk = []
    if (outcomes.length === 0) return
    count += outcomes.length
    await sql.transaction(async (tx) => {
      const world = createWorking(definitions)
      for (const event of outcomes.flatMap(({ events }) => events)) {
        if (newest.get(event.id) === event.version) world.apply(event)
      }
      await saveEntities(tx, definitions, world)
      const kept = outcomes.filter(({ at }) => Date.parse(at) > now() - KEPT_MS)
      if (kept.length > 0) await saveOutcomes(tx, partition, kept.map(decidedOf), nothing)
      await moveTo(tx, partition, outcomes[outcomes.length - 1]!.offset + 1)
    })
  }

  for await (const outcome of readOutcomes(log, partition, end)) {
    for (const event of outcome.events) {
      const counted = definitions.find(({ kind }) => kind === event.kind)?.counted?.(event.data)
      if (counted) counters.set(counted.project, Math.max(counted.number, counters.get(counted.project) ?? 0))
    }
    chunk.push(outcome)
    if (chunk.length === CHUNK) await write()
  }
  await write()
  await saveCounters(sql, counters)
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

const moveTo = (tx: Queryable, partition: number, next: number) =>
  tx.query(
    `UPDATE consumer_progress SET next_offset = $2, published = $2, decided = $2, served = $2 WHERE partition = $1`,
    [partition, next],
  )
