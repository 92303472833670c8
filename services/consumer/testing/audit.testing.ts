import { expect } from 'vitest'
import type { Entity, Event, Outcome } from '../../../platform/commands/command.ts'
import type { Log, LogRecord, Topic } from '../../../platform/log/port.ts'
import type { Sql } from '../../../platform/sql/port.ts'
import { readCommand } from '../decide/items.ts'
import { entities } from '../entities.ts'
import type { MemoryMongo } from '../following/mongo.testing.ts'

export interface Evidence {
  sql: Sql
  log: Log
  /** Null where tasks and documents are served from SQL. */
  mongo: Pick<MemoryMongo, 'entities'> | null
  partitions: readonly number[]
  /** What was put onto `events`, in the order of the acknowledgements. */
  appended: readonly Outcome[]
  /** Read from `events` partition by partition: nothing is known of the order across them. */
  unordered?: boolean
}

/** What must be true of every history, whatever went wrong in it. */
export async function audit(evidence: Evidence): Promise<void> {
  const outcomes = firstCopies(evidence.appended)
  await eachCommandOnce(evidence, outcomes)
  await onEvents(evidence, outcomes)
  await tablesAreTheFold(evidence, outcomes)
  contiguousVersions(outcomes)
  if (!evidence.unordered) uniqueAtEveryInstant(outcomes)
  numbersWithoutGaps(outcomes)
}

/** Readers drop what they have seen; a later copy says the same. */
export function firstCopies(appended: readonly Outcome[]): Outcome[] {
  const seen = new Map<string, Outcome>()
  const first: Outcome[] = []
  for (const outcome of appended) {
    const at = `${outcome.partition}:${outcome.offset}`
    const before = seen.get(at)
    expect(outcome, 'an outcome never changes').toEqual(before ?? outcome)
    if (before === undefined) first.push(outcome)
    seen.set(at, outcome)
  }
  return first
}

async function eachCommandOnce({ sql, log, partitions }: Evidence, outcomes: readonly Outcome[]): Promise<void> {
  const decided = new Set<string>()
  for (const partition of partitions) {
    const records = await readAll(log, 'commands', partition)
    const own = outcomes.filter((outcome) => outcome.partition === partition)
    expect(own.map(({ offset }) => offset)).toEqual(records.map(({ offset }) => offset))
    for (const [index, { value }] of records.entries()) {
      const command = readCommand(value)
      const outcome = own[index]!
      if (typeof command === 'string') {
        expect(outcome.type).toBe('unreadable')
        continue
      }
      expect(outcome.command).toBe(command.id)
      const again = outcome.repeats !== undefined || outcome.rejection?.code === 'idempotency.reused'
      if (!again) expect(decided, 'decided twice').not.toContain(command.id)
      decided.add(command.id)
    }
    const rows = await sql.query<{ record: Outcome }>(
      'SELECT record FROM outcomes WHERE partition = $1 ORDER BY position',
      [partition],
    )
    expect(rows.map(({ record }) => record)).toEqual(own)
  }
}

async function readAll(log: Log, topic: Topic, partition: number): Promise<LogRecord[]> {
  const { ends } = await log.describe(topic)
  const all: LogRecord[] = []
  while (all.length < ends[partition]!) {
    all.push(...(await log.read(topic, partition, all.length, ends[partition]! - all.length)))
  }
  return all
}

/** Positions on `events` are contiguous for a reader that drops what it has seen. */
async function onEvents({ log, partitions }: Evidence, outcomes: readonly Outcome[]): Promise<void> {
  for (const partition of partitions) {
    let next = 0
    for (const { value } of await readAll(log, 'events', partition)) {
      const { offset } = JSON.parse(value) as Outcome
      expect(offset).toBeLessThanOrEqual(next)
      next = Math.max(next, offset + 1)
    }
    expect(next).toBe(outcomes.filter((outcome) => outcome.partition === partition).length)
  }
}

async function tablesAreTheFold({ sql, mongo }: Evidence, outcomes: readonly Outcome[]): Promise<void> {
  const last = new Map<string, Event>()
  for (const event of outcomes.flatMap(({ events }) => events)) last.set(event.id, event)
  for (const { kind, table, mark } of entities) {
    const expected = [...last.values()].filter((event) => event.kind === kind).map(({ data }) => data)
    const rows = await sql.query<{ data: Entity }>(`SELECT data FROM ${table}`)
    expect(byId(rows.map(({ data }) => data))).toEqual(byId(expected))
    if (mark === 'served' && mongo) for (const entity of expected) expect(mongo.entities.get(entity.id)).toEqual(entity)
  }
}

const byId = (all: readonly Entity[]) => new Map(all.map((entity) => [entity.id, entity]))

function contiguousVersions(outcomes: readonly Outcome[]): void {
  const versions = new Map<string, number>()
  for (const { id, version } of outcomes.flatMap(({ events }) => events)) {
    expect(version).toBe((versions.get(id) ?? 0) + 1)
    versions.set(id, version)
  }
}

/** `events` in the order in which they were written: no effect stands there before its cause. */
function uniqueAtEveryInstant(outcomes: readonly Outcome[]): void {
  const held = new Map<string, string>()
  const holding = new Map<string, string[]>()
  for (const { kind, id, data } of outcomes.flatMap(({ events }) => events)) {
    const definition = entities.find((one) => one.kind === kind)!
    for (const value of holding.get(id) ?? []) held.delete(value)
    const values = data.deleted
      ? []
      : Object.entries(definition.holds(data)).flatMap(([space, all]) => all.map((value) => `${space}:${value}`))
    for (const value of values) {
      expect(held.get(value) ?? id, `two hold ${value}`).toBe(id)
      held.set(value, id)
    }
    holding.set(id, values)
  }
}

function numbersWithoutGaps(outcomes: readonly Outcome[]): void {
  const counters = new Map<string, number>()
  for (const { kind, version, data } of outcomes.flatMap(({ events }) => events)) {
    if (kind !== 'task' || version > 1) continue
    const { projectId, number } = data as Entity & { projectId: string; number: number }
    expect(number).toBe((counters.get(projectId) ?? 0) + 1)
    counters.set(projectId, number)
  }
}
