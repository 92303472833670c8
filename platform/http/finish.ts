import { SSE_TYPE } from '../openapi/sse.ts'
import type { Exchange } from './access-log.ts'
import type { Cors } from './cors.ts'
import { type Reply, responseOf, withoutBody } from './reply.ts'
import { tellingEnd } from './stream-end.ts'

export interface FinishParts {
  cors: Cors
  tls: boolean
  log(exchange: Exchange, method: string, status: number): void
}

/** For answers that are data: nothing may be made of them but what they say they are, and nothing kept unless they say so. */
const SECURITY = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
}
const HSTS = { 'strict-transport-security': 'max-age=31536000; includeSubDomains' }

/** The last of every answer: what all of them carry, the line in the log, and the end of what they hold. */
export function createFinish({ cors, tls, log }: FinishParts) {
  const always = tls ? { ...SECURITY, ...HSTS } : SECURITY

  return (reply: Reply, exchange: Exchange, request: Request): Response => {
    const { method } = request
    const { status, headers, body } = method === 'HEAD' ? withoutBody(reply) : reply
    log(exchange, method, status)
    const all: Record<string, string> = { ...always, ...headers }
    all['x-request-id'] = exchange.requestId
    all.traceresponse = exchange.trace.traceparent
    cors.add(all, request.headers)
    return responseOf({ status, headers: all, body: held(body, headers, exchange) })
  }
}

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
