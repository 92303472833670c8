import { Failure } from '../errors/failure.ts'

/** The media type that a message says it has, without its parameters; empty where it says nothing. */
export function mediaTypeOf(headers: Headers): string {
  const type = headers.get('content-type') ?? ''
  const end = type.indexOf(';')
  return (end === -1 ? type : type.slice(0, end)).trim().toLowerCase()
}

/**
 * @param fits the media types that are taken
 * @param expected what a client is told to send
 * @throws Failure `input.media_type` for another one, for another character set, and for what is encoded
 */
export function demandType(headers: Headers, fits: (type: string) => boolean, expected: string): void {
  const charset = /;\s*charset\s*=\s*"?([^";\s]*)/i.exec(headers.get('content-type') ?? '')?.[1] ?? 'utf-8'
  const encoding = headers.get('content-encoding') ?? 'identity'
  if (fits(mediaTypeOf(headers)) && /^utf-?8$/i.test(charset) && encoding === 'identity') return
  throw new Failure('input.media_type', `Send ${expected} in UTF-8, not encoded.`)
}
