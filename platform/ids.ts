import { createHash } from 'node:crypto'
import { v7, validate } from 'uuid'

/** UUIDv7 (RFC 9562): sorts by time. */
export const newId = (): string => v7()

export const isId = (text: string): boolean => validate(text)

/** The end of an id: random, and so enough to tell one entity from another. */
export const endOf = (id: string): string => id.slice(-12)

/** UUIDv8 (RFC 9562) of the SHA-256 of the parts, which are kept apart by their lengths. */
export function hashedId(...parts: readonly string[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(`${part.length}:${part}`)
  const bytes = hash.digest().subarray(0, 16)
  bytes[6] = (bytes[6]! & 0x0f) | 0x80
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
