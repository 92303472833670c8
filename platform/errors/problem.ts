import type { Resolved } from './resolve.ts'

export const PROBLEM_TYPE = 'application/problem+json'

/** RFC 9457. `type` is the page where the code is explained. */
export interface Problem {
  type: string
  title: string
  status: number
  detail?: string
  /** The stable code, such as `task.illegal_move`. */
  code: string
  requestId: string
  [extra: string]: unknown
}

export function problemOf({ code, status, says, detail, extra }: Resolved, requestId: string): Problem {
  const members = {
    type: `/docs/errors#${code}`,
    title: says,
    status,
    ...(detail !== undefined && { detail }),
    code,
    requestId,
  }
  return { ...members, ...extra, ...members } // first in order, and last in say
}

/** The headers that a refusal carries on either face (RFC 9110: 10.2.1, 10.2.3, 11.6.1). */
export function refusalHeaders({ code, status, retryAfter, extra }: Resolved): Record<string, string> {
  return {
    ...(retryAfter !== undefined && { 'retry-after': String(Math.ceil(retryAfter)) }),
    ...(code === 'route.method' && Array.isArray(extra.allow) && { allow: extra.allow.join(', ') }),
    ...(status === 401 && { 'www-authenticate': challenge(code) }),
  }
}

/** RFC 6750, 3.1: a request without a token is told no error. */
const challenge = (code: string): string =>
  code.startsWith('auth.') && code !== 'auth.missing' ? 'Bearer error="invalid_token"' : 'Bearer'
