/*
 * What a server of Trefoil answers, told apart from all else that may stand at the other end. That too may be JSON, and
 * may have a `result` or an `error`.
 */

/** @param calls how many calls went together; undefined for one that went alone */
export function answerOf(text: string, calls?: number): object | undefined {
  const answer = parse(text)
  if (isOne(answer)) return answer
  const fits = Array.isArray(answer) && answer.length === calls && answer.every(isOne)
  return fits ? answer : undefined
}

/** What a refusal says besides its sentence. */
export interface Refused {
  reason: string
  httpStatus: number
  requestId?: string
  /** Seconds. */
  retryAfter?: number | undefined
  [extra: string]: unknown
}

export const isRefused = (data: unknown): data is Refused =>
  isObject(data) && typeof data.reason === 'string' && typeof data.httpStatus === 'number'

/** A result without `data` is that of a procedure which answers nothing. */
function isOne(answer: unknown): answer is object {
  if (!isObject(answer)) return false
  const { result, error } = answer
  if (error !== undefined) return isObject(error) && isRefused(error.data)
  return isObject(result) && ('data' in result || Object.keys(result).length === 0)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Seconds; nobody waits for more. */
const LONGEST = 999_999

/**
 * Seconds that Retry-After asks for, in either form (RFC 9110, 10.2.3). A date is counted from that of the answer, as
 * clocks differ; a page of another origin is not shown that one, and counts from its own.
 * @param now milliseconds since 1970
 */
export function retryAfterOf(headers: Headers, now: number): number | undefined {
  const text = headers.get('retry-after')?.trim() ?? ''
  if (/^\d+$/.test(text)) return Math.min(Number(text), LONGEST)
  const until = dateOf(text)
  if (until === undefined) return undefined
  const seconds = Math.ceil((until - (dateOf(headers.get('date') ?? '') ?? now)) / 1000)
  return Math.min(Math.max(0, seconds), LONGEST)
}

/** In any of the three forms of RFC 9110, 5.6.7; the last of them does not say that it is GMT. */
function dateOf(text: string): number | undefined {
  if (!/^[A-Z][a-z]{2,8},? .*\d\d:\d\d:\d\d/.test(text)) return undefined
  const time = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`)
  return Number.isNaN(time) ? undefined : time
}
