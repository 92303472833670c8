import { Buffer } from 'node:buffer'
import { MAX_RECORD_BYTES } from './limits.ts'
import { type NewRecord, PARTITIONS } from './port.ts'

/** The record's size in bytes; refuses a record that no log could take. */
export function checkedSize(record: NewRecord): number {
  const { partition } = record
  if (!Number.isInteger(partition) || partition < 0 || partition >= PARTITIONS) {
    throw new RangeError(`there is no partition ${partition}: they are 0 to ${PARTITIONS - 1}`)
  }
  const size = sizeOf(record)
  if (size > MAX_RECORD_BYTES)
    throw new RangeError(`a record of ${size} bytes is over the limit of ${MAX_RECORD_BYTES}`)
  return size
}

export function sizeOf(record: { key: string; value: string; headers?: Record<string, string> }): number {
  let size = Buffer.byteLength(record.key) + Buffer.byteLength(record.value)
  for (const name in record.headers) size += Buffer.byteLength(name) + Buffer.byteLength(record.headers[name]!)
  return size
}
