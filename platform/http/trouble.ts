import { PROBLEM_TYPE, problemOf, refusalHeaders } from '../errors/problem.ts'
import type { Refusal } from '../errors/refusal.ts'
import { sentBy } from '../trpc/trpc.ts'
import type { Exchange } from './access-log.ts'
import type { Reply } from './reply.ts'
import type { Target } from './target.ts'
import { TRPC_PREFIX } from './trpc-calls.ts'
import { errorReply } from './trpc-reply.ts'

/** A refusal in the words of the face that it came by. */
export function troubleReply(refusal: Refusal, { path }: Target, { requestId, ctx }: Exchange): Reply {
  const sent = ctx && sentBy(ctx)
  if (path.startsWith(TRPC_PREFIX)) return errorReply(refusal, undefined, requestId, sent)
  const { resolved } = refusal
  return {
    status: resolved.status,
    headers: {
      'content-type': PROBLEM_TYPE,
      ...sent,
      ...refusalHeaders(resolved),
    },
    body: JSON.stringify(problemOf(resolved, requestId)),
  }
}
