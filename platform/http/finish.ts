import { SSE_TYPE } from '../openapi/sse.ts'
import type { Exchange } from './access-log.ts'
import type { Cors } from './cors.ts'
import { type Reply, responseOf, withoutBody } from './reply.ts'
import { tellingEnd } from './stream-end.ts'

export interface FinishParts {
  cors: Cors
  /** A proxy stands before this server, and says whether clients come to it by TLS. */
  proxied: boolean
  log(exchange: Exchange, method: string, status: number): void
}

/** For answers that are data: nothing may be made of them but what they say they are, and nothing kept unless they say so. */
const SECURITY = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
}
/** For this host alone: whose the others of its domain are is not known here. */
const HSTS = { 'strict-transport-security': 'max-age=31536000' }

/** The last of every answer: what all of them carry, the line in the log, and the end of what they hold. */
export function createFinish({ cors, proxied, log }: FinishParts) {
  return (reply: Reply, exchange: Exchange, request: Pick<Request, 'method' | 'headers'>): Response => {
    const { method } = request
    const { status, headers, body } = method === 'HEAD' ? withoutBody(reply) : reply
    log(exchange, method, status)
    const all: Record<string, string> = { ...SECURITY, ...headers }
    all['x-request-id'] = exchange.requestId
    all.traceresponse = exchange.trace.traceparent
    if (proxied && cameByTls(request.headers)) Object.assign(all, HSTS)
    cors.add(all, request.headers)
    return responseOf({ status, headers: all, body: held(body, headers, exchange) })
  }
}

/** Where several proxies have added their word, the first is about the client. */
const cameByTls = (headers: Headers): boolean => /^https\s*(?:,|$)/i.test(headers.get('x-forwarded-proto') ?? '')

function held(body: Reply['body'], headers: Reply['headers'], { lifetime, release }: Exchange): Reply['body'] {
  const over = () => {
    lifetime.end()
    release?.()
  }
  if (body instanceof ReadableStream) {
    if (headers['content-type'] === SSE_TYPE) lifetime.goesOn()
    return tellingEnd(body, over)
  }
  over()
  return body
}
