import { Buffer } from 'node:buffer'

/**
 * The one translation between JavaScript values and Postgres' text form. Both adapters send and read everything
 * through it, so that they agree to the byte, whatever their libraries would have done by themselves.
 */

/** A parameter as text; null is NULL. Which type the text is read as, the statement says. */
export function encode(value: unknown): string | null {
  if (value === null || value === undefined) return null
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString('hex')}`
  if (Array.isArray(value)) return encodeArray(value)
  if (typeof value === 'object') return JSON.stringify(value)
  throw new TypeError(`a ${typeof value} cannot be a parameter`)
}

function encodeArray(items: readonly unknown[]): string {
  return `{${items.map((item) => (Array.isArray(item) ? encodeArray(item) : encodeElement(item))).join(',')}}`
}

function encodeElement(item: unknown): string {
  const text = encode(item)
  return text === null ? 'NULL' : `"${text.replace(/["\\]/g, '\\$&')}"`
}

export type Decode = (text: string) => unknown

/** How a column of the type with this OID comes back; types not listed stay text (numeric, date, uuid …). */
export const decoders: ReadonlyMap<number, Decode> = decodersByOid()

function decodersByOid(): Map<number, Decode> {
  const text: Decode = (value) => value
  const number: Decode = (value) => Number(value)
  const json: Decode = (value) => JSON.parse(value)
  // type OID, OID of its array type, and how one value is read
  const types: [number, number, Decode][] = [
    [16, 1000, (value) => value === 't'], // boolean
    [17, 1001, (value) => new Uint8Array(Buffer.from(value.slice(2), 'hex'))], // bytea
    [19, 1003, text], // name
    [20, 1016, number], // bigint
    [21, 1005, number], // smallint
    [23, 1007, number], // integer
    [25, 1009, text], // text
    [26, 1028, number], // oid
    [114, 199, json], // json
    [700, 1021, number], // real
    [701, 1022, number], // double precision
    [1043, 1015, text], // varchar
    [1082, 1182, text], // date
    [1114, 1115, text], // timestamp
    [1184, 1185, isoTime], // timestamptz
    [1700, 1231, text], // numeric
    [2950, 2951, text], // uuid
    [3802, 3807, json], // jsonb
  ]
  const byOid = new Map<number, Decode>()
  for (const [oid, arrayOid, decode] of types) {
    byOid.set(oid, decode)
    byOid.set(arrayOid, (value) => decodeArray(value, decode))
  }
  return byOid
}

/** Milliseconds and Z, as `toISOString` writes it; what is no date (infinity) stays as it came. */
function isoTime(text: string): string {
  const time = new Date(text)
  return Number.isNaN(time.getTime()) ? text : time.toISOString()
}

/** Reads Postgres' array literal: `{1,NULL,"a \"b\"",{…}}`, possibly with bounds before it (`[0:1]={…}`). */
function decodeArray(literal: string, decode: Decode): unknown[] {
  let at = literal.indexOf('{') + 1
  return items()

  function items(): unknown[] {
    const found: unknown[] = []
    while (literal[at] !== '}') {
      if (literal[at] === '{') {
        at++
        found.push(items())
      } else if (literal[at] === '"') found.push(decode(quoted()))
      else found.push(bare())
      if (literal[at] === ',') at++
      else if (literal[at] !== '}') throw new SyntaxError('not an array literal')
    }
    at++
    return found
  }

  function quoted(): string {
    let text = ''
    for (at++; literal[at] !== '"'; at++) {
      if (literal[at] === '\\') at++
      if (at >= literal.length) throw new SyntaxError('not an array literal')
      text += literal[at]
    }
    at++
    return text
  }

  function bare(): unknown {
    const start = at
    while (at < literal.length && literal[at] !== ',' && literal[at] !== '}') at++
    const text = literal.slice(start, at)
    return text === 'NULL' ? null : decode(text)
  }
}
