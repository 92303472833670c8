import type { Receipt } from '../commands/command.ts'
import type { Procedure } from '../contract/contract.ts'
import { JSON_TYPE, type Reply } from '../http/reply.ts'
import { type CallContext, sentBy } from '../trpc/trpc.ts'
import { etagOf, matches } from './etag.ts'
import { statusOf } from './places.ts'
import type { Route } from './routes.ts'

/** The answer of a procedure in the words of HTTP: what it set itself stands, the rest follows from its contract. */
export function respond({ spec, method }: Route, answer: unknown, request: Request, ctx: CallContext): Reply {
  const status = ctx.reply.status ?? statusOf(spec)
  const etag = status < 202 ? etagOf(answer) : undefined
  const location = locationOf(spec, status, answer)
  const headers = {
    ...(method === 'GET' && { 'cache-control': cacheControl(spec) }),
    ...(method === 'GET' && !spec.open && { vary: 'Authorization' }),
    ...(etag !== undefined && { etag }),
    ...(location !== undefined && { location }),
    ...sentBy(ctx),
  }
  const known = method === 'GET' && etag !== undefined && request.headers.get('if-none-match')
  if (known && matches(known, etag)) return { status: 304, headers, body: null }
  if (status === 204) return { status, headers, body: null }
  return { status, headers: { 'content-type': JSON_TYPE, ...headers }, body: JSON.stringify(answer) }
}

/**
 * What needs a token is its reader's own; all of it may have changed by the next time. Tokens are answered to POST alone,
 * which nobody keeps.
 */
const cacheControl = ({ open }: Procedure): string => (open ? 'no-cache' : 'private, no-cache')

function locationOf({ location }: Procedure, status: number, answer: unknown): string | undefined {
  if (status === 202) return `/operations/${encodeURIComponent((answer as Receipt).operation)}`
  if (status !== 201 || location === undefined) return undefined
  const fields = answer as Record<string, unknown>
  return location.replaceAll(/\{(\w+)\}/g, (_, field: string) => encodeURIComponent(String(fields[field])))
}
