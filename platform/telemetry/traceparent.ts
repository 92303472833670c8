/** What `traceparent` says (W3C Trace Context, Recommendation of 23 November 2021). */
export interface Traceparent {
  /** 32 lower-case hexadecimal digits, not all zero. */
  traceId: string
  /** The span that the text was written in: 16 such digits. */
  spanId: string
  /** Whether the caller may have recorded the trace. */
  sampled: boolean
}

const FORM = /^(?!ff)[\da-f]{2}-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}/
const LENGTH = 55

/**
 * Undefined for what is no traceparent. Of a version after 00 the beginning is read as if it were 00, as the
 * Recommendation has it; version ff, ids of zeros alone and upper case are invalid.
 */
export function parseTraceparent(text: string | null | undefined): Traceparent | undefined {
  if (!text || !FORM.test(text)) return undefined
  if (text.length > LENGTH && (text.startsWith('00') || text[LENGTH] !== '-')) return undefined
  return {
    traceId: text.slice(3, 35),
    spanId: text.slice(36, 52),
    sampled: (Number.parseInt(text.slice(53, LENGTH), 16) & 1) === 1,
  }
}

/** Version 00: the flags that it does not know are zero. */
export const formatTraceparent = ({ traceId, spanId, sampled }: Traceparent): string =>
  `00-${traceId}-${spanId}-0${sampled ? 1 : 0}`

/** The same trace in another span; undefined where there is none. */
export function inSpan(traceparent: string | undefined, spanId: string): string | undefined {
  const parent = parseTraceparent(traceparent)
  return parent && formatTraceparent({ ...parent, spanId })
}

/** The trace id alone, for a line of a log. */
export const traceIdOf = (traceparent: string | undefined): string | undefined => parseTraceparent(traceparent)?.traceId
