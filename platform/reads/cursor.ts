import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { Failure } from '../errors/failure.ts'
import { isId } from '../ids.ts'
import { parsedJson } from '../json.ts'
import { isStorable } from '../text.ts'

export interface Page<T> {
  items: T[]
  nextCursor: string | null
}

/** Where a page ends: the sort key and the id of its last item, so that the next one begins after them whatever came or went. */
export type Place = readonly [key: string, id: string]

/**
 * A page of rows that were loaded one beyond the limit, to learn whether there are more.
 * @param list canonical text of the sort and the filters: the cursor is good for that list alone
 */
export function toPage<R, T>(
  rows: readonly R[],
  { list, limit, place, item }: { list: string; limit: number; place: (row: R) => Place; item: (row: R) => T },
): Page<T> {
  const shown = rows.slice(0, limit)
  const last = rows.length > limit ? shown.at(-1) : undefined
  return { items: shown.map(item), nextCursor: last === undefined ? null : formatCursor(list, place(last)) }
}

export const formatCursor = (list: string, place: Place): string =>
  Buffer.from(JSON.stringify([digest(list), ...place])).toString('base64url')

/** @throws Failure `input.cursor` for anything but a cursor of that very list */
export function parseCursor(list: string, cursor: string): Place {
  const parsed = parsedJson(Buffer.from(cursor, 'base64url').toString())
  if (!Array.isArray(parsed)) throw new Failure('input.cursor')
  const [of, key, id] = parsed
  const sound = of === digest(list) && typeof key === 'string' && isStorable(key) && typeof id === 'string' && isId(id)
  if (!sound || parsed.length !== 3) throw new Failure('input.cursor')
  return [key, id]
}

const digest = (list: string): string => createHash('sha256').update(list).digest('base64url').slice(0, 8)
