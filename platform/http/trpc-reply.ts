import { formatToken, mergeTokens, parseToken, TOKEN_HEADER } from '../commands/watermarks/token.ts'
import { refusalHeaders } from '../errors/problem.ts'
import type { Refusal } from '../errors/refusal.ts'
import { type CallContext, errorShape, sentBy } from '../trpc/trpc.ts'
import { JSON_TYPE, type Reply } from './reply.ts'

/** Whoever stores an answer must know that tRPC chooses its form by these. */
const VARY = 'trpc-accept, accept'

/** The answer of one call, as tRPC's own handler gives it, to the byte. */
export function resultReply(data: unknown, ctx: CallContext): Reply {
  return {
    status: ctx.reply.status ?? 200,
    headers: { vary: VARY, 'content-type': JSON_TYPE, ...sentBy(ctx) },
    body: JSON.stringify({ result: { data } }),
  }
}

export function errorReply(refusal: Refusal, path: string | undefined, requestId: string, sent = {}): Reply {
  return {
    status: refusal.resolved.status,
    headers: {
      vary: VARY,
      'content-type': JSON_TYPE,
      ...sent,
      ...refusalHeaders(refusal.resolved),
    },
    body: JSON.stringify({ error: errorShape(refusal, path, requestId) }),
  }
}

/** What the calls of a batch have seen, together; other headers of theirs have no place in a shared answer. */
export function batchHeaders(replies: readonly CallContext['reply'][]): Headers {
  const tokens = replies.flatMap(({ headers }) => headers.get(TOKEN_HEADER) ?? [])
  if (tokens.length === 0) return new Headers()
  return new Headers({ [TOKEN_HEADER]: formatToken(mergeTokens(...tokens.map(parseToken))) })
}
