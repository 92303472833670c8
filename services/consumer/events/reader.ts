import type { Outcome } from '../../../platform/commands/command.ts'
import { type Log, PARTITIONS } from '../../../platform/log/port.ts'

/** Stands on every partition of `events` where a rebuilt database begins: behind it, outcomes of an older one are void. */
export interface IncarnationMark {
  v: 1
  mark: number
}

const ROWS = 500
/** Records at the end that are looked at: more than late copies can be, for an owner has one batch in flight. */
const TAIL = 1000

const isIncarnationMark = (record: Outcome | IncarnationMark): record is IncarnationMark => 'mark' in record
const incarnationOf = (record: Outcome | IncarnationMark): number =>
  isIncarnationMark(record) ? record.mark : record.incarnation

/** What of a partition of `events` is read. */
export interface Reading {
  /** The position to begin at. */
  from: number
  /** The end of the partition of `events`. */
  end: number
  /** Of the database that has what is below `from`; 0 for one that has nothing. */
  incarnation: number
}

/**
 * The outcomes of one partition, each position once, in order. At least once is what `events` promises: what comes again
 * is dropped, and behind a mark what an older incarnation still appended. Every position stands at its own offset or
 * behind it, so what is below `from` need not be read; the last of it is, because it must be a fact.
 * @throws Error where a position is missing; NotTold where what is below `from` was never told, or told otherwise
 */
export async function* readOutcomes(log: Log, partition: number, reading: Reading): AsyncGenerator<Outcome> {
  const { from, end } = reading
  let { incarnation } = reading
  let marked = 0
  let next = Math.max(0, from - 1)
  for await (const record of readEvents(log, partition, end, next)) {
    if (isIncarnationMark(record)) {
      incarnation = Math.max(incarnation, record.mark)
      marked = Math.max(marked, record.mark)
      continue
    }
    // What is below `from` may be of any incarnation before this database's own.
    if (record.incarnation < (record.offset >= from ? incarnation : marked)) continue
    if (record.offset < from && record.incarnation > reading.incarnation) throw new NotTold(partition, record.offset)
    if (record.offset < next) continue
    if (record.offset > next) {
      throw new Error(`events lack the outcome at ${partition}:${next}: they cannot be replayed`)
    }
    next = record.offset + 1
    if (record.offset >= from) yield record
  }
  if (next < from) throw new NotTold(partition, next)
}

/** A database has decided what no reader of `events` knows, or knows otherwise: it cannot go on from there. */
export class NotTold extends Error {
  constructor(partition: number, offset: number) {
    super(`this database has decided ${partition}:${offset}, and events tell of something else there`)
    this.name = 'NotTold'
  }
}

async function* readEvents(
  log: Log,
  partition: number,
  end: number,
  from = 0,
): AsyncGenerator<Outcome | IncarnationMark> {
  while (from < end) {
    const records = await log.read('events', partition, from, Math.min(ROWS, end - from))
    if (records.length === 0) throw new Error(`events end before ${partition}:${end}: they cannot be replayed`)
    for (const { value } of records) yield JSON.parse(value) as Outcome | IncarnationMark
    from = records[records.length - 1]!.offset + 1
  }
}

async function* readTail(log: Log, partition: number): AsyncGenerator<Outcome | IncarnationMark> {
  const end = (await log.describe('events')).ends[partition]!
  yield* readEvents(log, partition, end, Math.max(0, end - TAIL))
}

/** Behind the furthest position that a partition of `events` tells of, whoever appended it. */
export async function readFurthest(log: Log, partition: number): Promise<number> {
  let furthest = 0
  for await (const record of readTail(log, partition)) {
    if (!isIncarnationMark(record)) furthest = Math.max(furthest, record.offset + 1)
  }
  return furthest
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
  const told: Told = { incarnation, next: undefined }
  let marked = false
  for await (const record of readTail(log, partition)) {
    const by = incarnationOf(record)
    told.incarnation = Math.max(told.incarnation, by)
    if (isIncarnationMark(record)) marked ||= by === incarnation
    else if (by >= incarnation) told.next = Math.max(told.next ?? 0, record.offset + 1)
  }
  return marked ? told : { ...told, next: told.next ?? 0 }
}

/** Begins the next incarnation on every partition; resolves to it and to the ends that hold all before it. */
export async function beginIncarnation(log: Log): Promise<{ incarnation: number; ends: number[] }> {
  let newest = 1
  for (let partition = 0; partition < PARTITIONS; partition++) {
    for await (const record of readTail(log, partition)) newest = Math.max(newest, incarnationOf(record))
  }
  const mark: IncarnationMark = { v: 1, mark: newest + 1 }
  const value = JSON.stringify(mark)
  const records = Array.from({ length: PARTITIONS }, (_, partition) => ({ partition, key: 'mark', value }))
  const ends = await log.append('events', records)
  return { incarnation: mark.mark, ends }
}
