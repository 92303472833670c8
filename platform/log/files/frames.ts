import { Buffer } from 'node:buffer'
import { crc32 } from 'node:zlib'
import type { LogRecord, NewRecord } from '../port.ts'

/**
 * The file format, big-endian. A frame is one write, synced before the next one begins: only the last can be torn.
 *
 *     frame    magic u32 · bytes of the sections u32 · crc32 of these two u32 · section…
 *     section  bytes after this header u32 · crc32 of all that follows u32 · partition u16 · records u32 · offset of the first u48 · record…
 *     record   bytes of key u32 · of headers u32 · of value u32 · key · headers as JSON, or nothing · value
 *
 * A section holds the records of one partition, so that a reader of it touches nothing else.
 */
export const FRAME_HEADER = 12
export const SECTION_HEADER = 20
const RECORD_HEADER = 12
/** 0xfe occurs in no UTF-8 text, so no record can hold what looks like a frame. */
export const MAGIC = 0xfe545246
/** Far above what a write can reach (limits.ts), far below what a damaged length may ask us to allocate. */
export const MAX_FRAME = 8 * 1024 * 1024

export interface Section {
  partition: number
  firstOffset: number
  records: number
  /** Where the section begins, in bytes from the beginning of its frame. */
  at: number
}

export interface Frame {
  bytes: Buffer
  sections: Section[]
  /** The offset of each record that was given, in that order. */
  offsets: number[]
}

/** Lays records out as one frame; `ends[p]` is the offset of the next record of partition p. */
export function encodeFrame(records: readonly NewRecord[], ends: readonly number[]): Frame {
  const offsets: number[] = new Array(records.length)
  const byPartition = new Map<number, Encoded[]>()
  records.forEach((record, place) => {
    const mine = byPartition.get(record.partition) ?? []
    byPartition.set(record.partition, mine)
    offsets[place] = ends[record.partition]! + mine.length
    mine.push(measured(record))
  })
  let total = FRAME_HEADER
  const sections = [...byPartition].map(([partition, mine]) => {
    const section = { partition, firstOffset: ends[partition]!, records: mine.length, at: total }
    total += SECTION_HEADER + mine.reduce((sum, record) => sum + record.bytes, 0)
    return section
  })
  const bytes = Buffer.allocUnsafe(total)
  for (const section of sections) writeSection(bytes, section, byPartition.get(section.partition)!)
  writeFrameHeader(bytes)
  return { bytes, sections, offsets }
}

interface Encoded {
  key: string
  headers: string
  value: string
  lengths: [number, number, number]
  bytes: number
}

function measured({ key, headers, value }: NewRecord): Encoded {
  const json = headers && Object.keys(headers).length > 0 ? JSON.stringify(headers) : ''
  const lengths: Encoded['lengths'] = [Buffer.byteLength(key), Buffer.byteLength(json), Buffer.byteLength(value)]
  return { key, headers: json, value, lengths, bytes: RECORD_HEADER + lengths[0] + lengths[1] + lengths[2] }
}

function writeFrameHeader(bytes: Buffer): void {
  bytes.writeUInt32BE(MAGIC, 0)
  bytes.writeUInt32BE(bytes.length - FRAME_HEADER, 4)
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 8)), 8)
}

function writeSection(bytes: Buffer, section: Section, records: Encoded[]): void {
  let at = section.at + SECTION_HEADER
  for (const record of records) {
    for (const length of record.lengths) at = bytes.writeUInt32BE(length, at)
    for (const text of [record.key, record.headers, record.value]) at += bytes.write(text, at)
  }
  bytes.writeUInt32BE(at - section.at - SECTION_HEADER, section.at)
  bytes.writeUInt16BE(section.partition, section.at + 8)
  bytes.writeUInt32BE(section.records, section.at + 10)
  bytes.writeUIntBE(section.firstOffset, section.at + 14, 6)
  bytes.writeUInt32BE(crc32(bytes.subarray(section.at + 8, at)), section.at + 4)
}

/** The bytes that a frame takes in all, by its header; undefined if these bytes do not begin with a whole one. */
export function frameLength(bytes: Buffer): number | undefined {
  if (bytes.length < FRAME_HEADER || bytes.readUInt32BE(0) !== MAGIC) return undefined
  if (bytes.readUInt32BE(8) !== crc32(bytes.subarray(0, 8))) return undefined
  const length = FRAME_HEADER + bytes.readUInt32BE(4)
  return length <= MAX_FRAME ? length : undefined
}

/** The sections of a frame that is here in full; undefined if one is damaged. */
export function sectionsOf(frame: Buffer): Section[] | undefined {
  const sections: Section[] = []
  let at = FRAME_HEADER
  while (at < frame.length) {
    if (at + SECTION_HEADER > frame.length) return undefined
    const bytes = frame.subarray(at, at + sectionLength(frame.subarray(at)))
    if (!isWhole(bytes)) return undefined
    sections.push({ ...describeSection(bytes), at })
    at += bytes.length
  }
  return sections
}

/** The bytes that a section takes in all, by its header. */
export function sectionLength(header: Buffer): number {
  return SECTION_HEADER + header.readUInt32BE(0)
}

function describeSection(section: Buffer): Omit<Section, 'at'> {
  return {
    partition: section.readUInt16BE(8),
    records: section.readUInt32BE(10),
    firstOffset: section.readUIntBE(14, 6),
  }
}

function isWhole(section: Buffer): boolean {
  return section.length === sectionLength(section) && section.readUInt32BE(4) === crc32(section.subarray(8))
}

/** The records of a section, from an offset on; undefined if it is damaged. */
export function decodeSection(section: Buffer, from: number): LogRecord[] | undefined {
  if (!isWhole(section)) return undefined
  const { partition, records, firstOffset } = describeSection(section)
  const decoded: LogRecord[] = []
  let at = SECTION_HEADER
  for (let offset = firstOffset; offset < firstOffset + records; offset++) {
    const key = at + RECORD_HEADER
    const headers = key + section.readUInt32BE(at)
    const value = headers + section.readUInt32BE(at + 4)
    const end = value + section.readUInt32BE(at + 8)
    if (offset >= from) {
      decoded.push({
        partition,
        offset,
        key: section.toString('utf8', key, headers),
        value: section.toString('utf8', value, end),
        headers: headers === value ? {} : JSON.parse(section.toString('utf8', headers, value)),
      })
    }
    at = end
  }
  return decoded
}
