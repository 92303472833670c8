import { mergeTokens, parseToken, TOKEN_HEADER } from '../commands/watermarks/token.ts'
import type { Context, Match } from '../context.ts'
import { Failure } from '../errors/failure.ts'
import { readEtags } from '../openapi/etag.ts'

export type Asked = Context['asked']

const DEFAULT_WAIT_MS = 2000
/** However long is asked for. */
export const MAX_WAIT_MS = 10_000

/** Most requests ask for nothing. */
const NOTHING_SEEN: Asked['seen'] = new Map()

/** Each may cost a look at the entity. */
const MAX_ETAGS = 10

/** The request headers with a meaning of their own. @throws Failure for one that cannot be understood */
export function askedBy(headers: Headers): Asked {
  const token = headers.get(TOKEN_HEADER)
  return {
    idempotencyKey: idempotencyKey(headers.get('idempotency-key')),
    match: match(headers.get('if-match')),
    noneMatch: noneMatch(headers.get('if-none-match')),
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
function match(text: string | null): readonly Match[] | undefined {
  if (text === null || text === '*') return undefined
  const etags = readEtags(text)
  if (!etags) throw new Failure('version.invalid')
  if (etags.length > MAX_ETAGS) throw new Failure('version.invalid', `If-Match takes at most ${MAX_ETAGS} ETags.`)
  return etags
}

const noneMatch = (text: string | null): Asked['noneMatch'] => (text === null ? undefined : text === '*' ? '*' : 'tags')

/**
 * `Prefer: respond-async, wait=N` (RFC 7240): a time to wait, even before an asynchronous answer. What is unknown, and a
 * time that is no whole number of seconds, is passed over, as the RFC has it.
 */
function patience(text: string | null): { waitMs: number; respondAsync: boolean } {
  if (text === null) return { waitMs: DEFAULT_WAIT_MS, respondAsync: false }
  const preferences = text.split(/[,;]/).map((preference) => preference.trim().toLowerCase())
  const [seconds] = preferences.flatMap((preference) => /^wait\s*=\s*("?)(\d{1,9})\1$/.exec(preference)?.[2] ?? [])
  if (seconds === undefined) return { waitMs: DEFAULT_WAIT_MS, respondAsync: preferences.includes('respond-async') }
  return { waitMs: Math.min(Number(seconds) * 1000, MAX_WAIT_MS), respondAsync: false }
}
