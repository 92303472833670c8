import type { Match } from '../context.ts'
import { endOf } from '../ids.ts'

/**
 * The ETag of an answer that is an entity: `"3-4a1d9a4a7b22"`, its version and the end of its id. A path may lead to another
 * entity by and by: by a name that was given up, or as `me`.
 */
export function etagOf(answer: unknown): string | undefined {
  if (typeof answer !== 'object' || answer === null || !('version' in answer) || !('id' in answer)) return undefined
  const { id, version } = answer
  if (typeof id !== 'string' || !Number.isSafeInteger(version)) return undefined
  const end = endOf(id)
  return /^[\w-]+$/.test(end) ? `"${version}-${end}"` : undefined
}

/**
 * If-Match: those of its ETags that can be current. A weak one never is (RFC 9110, 8.8.3.2), nor one that is not of ours;
 * undefined for what is no list of ETags.
 */
export function readEtags(text: string): Match[] | undefined {
  return LIST.test(text) ? [...text.matchAll(ETAG)].flatMap(([etag]) => readEtag(etag) ?? []) : undefined
}

const ETAG = /(?:W\/)?"[!#-~\x80-\xff]*"/g
const LIST = new RegExp(`^(?:${ETAG.source})(?:\\s*,\\s*(?:${ETAG.source}))*$`)

/** An ETag of ours, or the version alone, as a body has it. */
function readEtag(text: string): Match | undefined {
  const [, version, idEnd] = /^"([1-9]\d{0,14})(?:-([\w-]{1,12}))?"$/.exec(text) ?? []
  return version === undefined ? undefined : { version: Number(version), idEnd }
}

/** If-None-Match against an ETag: any of a list, weakly compared, or `*` (RFC 9110: 8.8.3.2, 13.1.2). */
export function matches(ifNoneMatch: string, etag: string): boolean {
  if (ifNoneMatch.trim() === '*') return true
  return [...ifNoneMatch.matchAll(/"[^"]*"/g)].some(([opaque]) => opaque === etag)
}
