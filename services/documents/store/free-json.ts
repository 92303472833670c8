/**
 * Any JSON as MongoDB takes it, and back. It gives a meaning to `.` and `$` in names; its driver writes no object that has
 * `_bsontype`, and reads arrays under names such as `constructor` as bytes; other servers of its kind refuse the empty name,
 * and arrays within arrays. What one of them refused would hold up everything behind it.
 */
export function encode(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => (Array.isArray(item) ? { [INNER]: encode(item) } : encode(item)))
  return isObject(value) ? mapped(value, escapeName, encode) : value
}

export function decode(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(decode)
  if (!isObject(value)) return value
  return INNER in value ? decode(value[INNER]) : mapped(value, unescapeName, decode)
}

/** In a name as it is kept, `%` begins an escaped sign, except in these two. */
const EMPTY = '%'
const INNER = '%[]'

function escapeName(name: string): string {
  if (name === '') return EMPTY
  const isTheDrivers = name === '_bsontype' || name in Object.prototype
  return name.replace(isTheDrivers ? /^./ : /[%.$]/g, escapeSign)
}

const escapeSign = (sign: string): string => `%${sign.charCodeAt(0).toString(16)}`

const unescapeName = (name: string): string =>
  name === EMPTY ? '' : name.replace(/%(..)/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

function mapped(value: object, name: (name: string) => string, member: (value: unknown) => unknown): object {
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [name(key), member(one)]))
}
