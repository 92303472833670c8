import { mergeTokens, parseToken, TOKEN_HEADER } from '../commands/watermarks/token.ts'
import type { Context } from '../context.ts'
import { Failure } from '../errors/failure.ts'
import { readEtag } from '../openapi/etag.ts'

export type Asked = Context['asked']

const DEFAULT_WAIT_MS = 2000
/** However long is asked for. */
export const MAX_WAIT_MS = 10_000

/** Most requests ask for nothing. */
const NOTHING_SEEN: Asked['seen'] = new Map()

/** The request headers with a meaning of their own. @throws Failure for one that cannot be understood */
export function askedBy(headers: Headers): Asked {
  const token = headers.get(TOKEN_HEADER)
  return {
    idempotencyKey: idempotencyKey(headers.get('idempotency-key')),
    ...match(headers.get('if-match')),
    ...patience(headers.get('prefer')),
    seen: token === null ? NOTHING_SEEN : mergeTokens(...token.split(',').map((text) => parseToken(text.trim()))),
  }
}

function idempotencyKey(text: string | null): string | undefined {
  if (text === null) return undefined
  if (!/^[\x20-\x7e]{1,200}$/.test(text)) throw new Failure('idempotency.invalid')
  return text
}

/** `*` is any version of any entity. */
function match(text: string | null): Pick<Asked, 'version' | 'idEnd'> {
  if (text === null || text === '*') return { version: undefined, idEnd: undefined }
  const etag = readEtag(text)
  if (!etag) throw new Failure('version.invalid')
  return etag
}

/**
 * `Prefer: respond-async, wait=N` (RFC 7240): a time to wait, even before an asynchronous answer; preferences that are
 * unknown are passed over, as the RFC has it.
 */
function patience(text: string | null): { waitMs: number; respondAsync: boolean } {
  if (text === null) return { waitMs: DEFAULT_WAIT_MS, respondAsync: false }
  const preferences = text.split(/[,;]/).map((preference) => preference.trim().toLowerCase())
  const wait = preferences.find((preference) => /^wait\s*=/.test(preference))?.replace(/^wait\s*=\s*"?|"$/g, '')
  if (wait === undefined) return { waitMs: DEFAULT_WAIT_MS, respondAsync: preferences.includes('respond-async') }
  if (!/^\d{1,9}$/.test(wait)) throw new Failure('input.malformed', 'Prefer: wait takes a number of seconds, 0 to 10.')
  return { waitMs: Math.min(Number(wait) * 1000, MAX_WAIT_MS), respondAsync: false }
}
