/** The ETag of an answer: its version, where it has one. */
export function etagOf(answer: unknown): string | undefined {
  if (typeof answer !== 'object' || answer === null || !('version' in answer)) return undefined
  return Number.isSafeInteger(answer.version) ? `"${answer.version}"` : undefined
}

/** If-None-Match against an ETag: any of a list, weakly compared, or `*` (RFC 9110: 8.8.3.2, 13.1.2). */
export function matches(ifNoneMatch: string, etag: string): boolean {
  if (ifNoneMatch.trim() === '*') return true
  return [...ifNoneMatch.matchAll(/"[^"]*"/g)].some(([opaque]) => opaque === etag)
}
