import type { Reply } from './reply.ts'

/** What browsers on other origins may do: those on the list anything that a token allows, all others nothing. */
export interface Cors {
  /** Adds to the headers of an answer what the origin of its request is granted. */
  add(headers: Record<string, string>, sent: Headers): void
  /** The answer to a preflight; undefined where the request is none. */
  preflight(request: Request): Reply | undefined
}

const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE'
const SENT =
  'Authorization, Content-Type, Consistency-Token, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, Prefer, Traceparent, Tracestate, Trpc-Accept, X-Request-Id'
const SHOWN = 'Consistency-Token, ETag, Location, Retry-After, Traceresponse, X-Request-Id'

/** @param origins exact, such as `https://app.example.com` */
export function createCors(origins: readonly string[]): Cors {
  const allowed = new Set(origins)
  return {
    add(headers, sent) {
      if (allowed.size === 0) return
      headers.vary = headers.vary ? `${headers.vary}, Origin` : 'Origin'
      const origin = sent.get('origin')
      if (origin === null || !allowed.has(origin)) return
      headers['access-control-allow-origin'] = origin
      headers['access-control-expose-headers'] = SHOWN
    },
    preflight(request) {
      if (request.method !== 'OPTIONS' || !request.headers.has('access-control-request-method')) return undefined
      const origin = request.headers.get('origin')
      if (origin === null || !allowed.has(origin)) return { status: 204, headers: {}, body: null }
      const granted = {
        'access-control-allow-methods': METHODS,
        'access-control-allow-headers': SENT,
        'access-control-max-age': '600',
      }
      return { status: 204, headers: granted, body: null }
    },
  }
}
