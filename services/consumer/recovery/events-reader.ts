import type { Outcome } from '../../../platform/commands/command.ts'
import { type Log, PARTITIONS } from '../../../platform/log/port.ts'

/** Stands on every partition of `events` where a rebuilt database begins: behind it, outcomes of an older one are void. */
export interface Mark {
  v: 1
  mark: number
}

const ROWS = 500
/** Records at the end that are looked at: more than late copies can be, for an owner has one batch in flight. */
const TAIL = 1000

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

async function* readEvents(log: Log, partition: number, end: number, from = 0): AsyncGenerator<Outcome | Mark> {
  while (from < end) {
    const records = await log.read('events', partition, from, Math.min(ROWS, end - from))
    if (records.length === 0) throw new Error(`events end before ${partition}:${end}: they cannot be replayed`)
    for (const { value } of records) yield JSON.parse(value) as Outcome | Mark
    from = records[records.length - 1]!.offset + 1
  }
}

/** The end of a partition of `events`, as a database of one incarnation sees it. */
export interface Told {
  /** The newest incarnation that writes here. */
  incarnation: number
  /** Behind the last outcome of this incarnation; undefined where it has told nothing since its mark. */
  next: number | undefined
}

/**
 * How far `events` tells. The very last record may be a late copy of a former owner's, so it is the furthest position near the
 * end that counts; and outcomes of smaller incarnations never do: what is not void of them was replayed into this one.
 */
export async function readTold(log: Log, partition: number, incarnation: number): Promise<Told> {
  const { ends } = await log.describe('events')
  const end = ends[partition]!
  const told: Told = { incarnation, next: undefined }
  let marked = false
  for await (const record of readEvents(log, partition, end, Math.max(0, end - TAIL))) {
    const by = isMark(record) ? record.mark : record.incarnation
    told.incarnation = Math.max(told.incarnation, by)
    if (isMark(record)) marked ||= by === incarnation
    else if (by >= incarnation) told.next = Math.max(told.next ?? 0, record.offset + 1)
  }
  return marked ? told : { ...told, next: told.next ?? 0 }
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
