import { Buffer } from 'node:buffer'

/** Asked for once in hundreds of ids: a call of its own for each costs more than all else about it. */
const pool = Buffer.alloc(4096)
let used = pool.length

/** So many random bytes in lower-case hexadecimal, never zeros alone. @param bytes at most 4,096 */
export function randomHex(bytes: number): string {
  if (used + bytes > pool.length) {
    crypto.getRandomValues(pool)
    used = 0
  }
  const text = pool.toString('hex', used, used + bytes)
  used += bytes
  return /[^0]/.test(text) ? text : randomHex(bytes)
}
