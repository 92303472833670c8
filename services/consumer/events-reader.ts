import type { Outcome } from '../../platform/commands/command.ts'
import { type Log, PARTITIONS } from '../../platform/log/port.ts'

/** Stands on every partition of `events` where a rebuilt database begins: behind it, outcomes of an older one are void. */
export interface Mark {
  v: 1
  mark: number
}

const ROWS = 500

const isMark = (record: Outcome | Mark): record is Mark => 'mark' in record

/**
 * The outcomes of one partition up to an end, each position once, in order. At least once is what `events` promises: what
 * comes again is dropped, and behind a mark what an older incarnation still appended.
 * @throws Error where a position is missing
 */
export async function* readOutcomes(log: Log, partition: number, end: number): AsyncGenerator<Outcome> {
  let next = 0
  let incarnation = 0
  for await (const record of readEvents(log, partition, end)) {
    if (isMark(record)) {
      incarnation = Math.max(incarnation, record.mark)
      continue
    }
    if (record.incarnation < incarnation || record.offset < next) continue
    if (record.offset > next)
      throw new Error(`events lack the outcome at ${partition}:${next}: they cannot be replayed`)
    next = record.offset + 1
    yield record
  }
}

async function* readEvents(log: Log, partition: number, end: number): AsyncGenerator<Outcome | Mark> {
  for (let from = 0; from < end; ) {
    const records = await log.read('events', partition, from, Math.min(ROWS, end - from))
    if (records.length === 0) return
    for (const { value } of records) yield JSON.parse(value) as Outcome | Mark
    from = records[records.length - 1]!.offset + 1
  }
}

/** The position of the last outcome on a partition of `events`; -1 where there is none. Marks are no outcomes. */
export async function lastPublished(log: Log, partition: number): Promise<number> {
  const { ends } = await log.describe('events')
  for (let to = ends[partition]!; to > 0; to--) {
    const [last] = await log.read('events', partition, to - 1, 1)
    const record = last && (JSON.parse(last.value) as Outcome | Mark)
    if (record && !isMark(record)) return record.offset
  }
  return -1
}

/** Begins the next incarnation on every partition; resolves to it and to the ends that hold all before it. */
export async function beginIncarnation(log: Log): Promise<{ incarnation: number; ends: number[] }> {
  const { ends: before } = await log.describe('events')
  let newest = 1
  for (let partition = 0; partition < PARTITIONS; partition++) {
    for await (const record of readEvents(log, partition, before[partition]!)) {
      newest = Math.max(newest, isMark(record) ? record.mark : record.incarnation)
    }
  }
  const mark: Mark = { v: 1, mark: newest + 1 }
  const records = Array.from({ length: PARTITIONS }, (_, partition) => ({
    partition,
    key: 'mark',
    value: JSON.stringify(mark),
  }))
  const offsets = await log.append('events', records)
  return { incarnation: mark.mark, ends: offsets }
}
