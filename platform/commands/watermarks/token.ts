import { Buffer } from 'node:buffer'
import { Failure } from '../../errors/failure.ts'
import { PARTITIONS } from '../../log/port.ts'
import type { Position } from '../command.ts'

/**
 * A consistency token: how much of the log a client has seen, as the last offset of each partition. Opaque to clients:
 * base64url of a version byte and, by rising partition, pairs of varints (partition, offset).
 */
export type Seen = ReadonlyMap<number, number>

/** The header that carries it, both ways. */
export const TOKEN_HEADER = 'Consistency-Token'

const VERSION = 1
/** The version, and per partition a byte and at most eight. */
const MAX_BYTES = 1 + PARTITIONS * 9
const MAX_TEXT = Math.ceil((MAX_BYTES * 4) / 3)

export function formatToken(seen: Seen): string {
  const bytes = [VERSION]
  for (const [partition, offset] of [...seen].sort(([a], [b]) => a - b)) {
    writeVarint(bytes, partition)
    writeVarint(bytes, offset)
  }
  return Buffer.from(bytes).toString('base64url')
}

/** @throws Failure `token.invalid` for any text that `formatToken` does not make */
export function parseToken(text: string): Map<number, number> {
  if (text.length > MAX_TEXT) throw new Failure('token.invalid')
  const bytes = Buffer.from(text, 'base64url')
  const seen = new Map<number, number>()
  const at = { next: 1 }
  while (at.next < bytes.length) {
    const partition = readVarint(bytes, at)
    const offset = readVarint(bytes, at)
    if (!(partition < PARTITIONS) || !Number.isSafeInteger(offset)) throw new Failure('token.invalid')
    seen.set(partition, offset)
  }
  // Only one text stands for a map, so everything left that is wrong shows here: version, order, stray characters.
  if (formatToken(seen) !== text) throw new Failure('token.invalid')
  return seen
}

/** What has been seen by either, partition by partition. */
export function mergeTokens(...tokens: readonly Iterable<readonly [number, number]>[]): Map<number, number> {
  const merged = new Map<number, number>()
  for (const token of tokens) {
    for (const [partition, offset] of token) {
      merged.set(partition, Math.max(offset, merged.get(partition) ?? 0))
    }
  }
  return merged
}

/** `seen` and everything up to these positions. */
export const seenWith = (seen: Seen, ...positions: readonly Position[]): Map<number, number> =>
  mergeTokens(seen, ...positions.map(({ partition, offset }) => [[partition, offset] as const]))

/** The positions that must be covered for a reader not to contradict what was seen. */
export const positionsOf = (seen: Seen): Position[] => [...seen].map(([partition, offset]) => ({ partition, offset }))

function writeVarint(bytes: number[], value: number): void {
  let rest = value
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80)
  bytes.push(rest)
}

/** NaN where the bytes end before the number does. */
function readVarint(bytes: Uint8Array, at: { next: number }): number {
  let value = 0
  for (let factor = 1; ; factor *= 0x80) {
    const byte = bytes[at.next++]
    if (byte === undefined) return Number.NaN
    value += (byte & 0x7f) * factor
    if (byte < 0x80) return value
  }
}
