import type { AnyRouter } from '@trpc/server'
import { resolveResponse } from '@trpc/server/http'
import type { Procedure } from '../contract/contract.ts'
import { refusalHeaders } from '../errors/problem.ts'
import { refuse } from '../errors/refusal.ts'
import { endpointsOf } from '../trpc/call.ts'
import type { CallContext } from '../trpc/trpc.ts'
import { BODY_LIMIT, readBody } from './body.ts'
import { createDirect } from './direct.ts'
import { demandType } from './media-type.ts'
import { JSON_TYPE, type Reply, replyOf } from './reply.ts'
import type { Target } from './target.ts'
import { assertOwnHeaders, MAX_BATCH, type TrpcCalls } from './trpc-calls.ts'
import { batchHeaders, errorReply } from './trpc-reply.ts'

export interface TrpcFace {
  /** @throws Failure for what concerns the whole request */
  answer(calls: TrpcCalls, target: Target, request: Request, ctx: CallContext): Promise<Reply>
}

export interface TrpcFaceParts {
  router: AnyRouter
  specs: ReadonlyMap<string, Procedure>
  /** False sends everything through tRPC's own handler. */
  direct: boolean
}

/** The tRPC face: single JSON calls by the direct lane, batches and streams by tRPC's own handler. */
export function createTrpcFace({ router, specs, direct }: TrpcFaceParts): TrpcFace {
  const lane = createDirect(direct ? endpointsOf(router) : new Map())

  return {
    async answer(calls, { query }, request, ctx) {
      assertOwnHeaders(calls, specs, ctx)
      const body = request.method === 'POST' ? await readJson(calls, request) : ''
      if (!calls.batch) {
        const reply = await lane({ name: calls.path, query, request, body, ctx })
        if (reply) return reply
      }
      return handle(calls, request, body, ctx)
    },
  }

  async function readJson({ names }: TrpcCalls, request: Request): Promise<string> {
    demandType(request.headers, (type) => type === JSON_TYPE, JSON_TYPE)
    return readBody(request, Math.max(...names.map((name) => specs.get(name)?.bodyLimit ?? BODY_LIMIT)))
  }

  async function handle({ path, batch }: TrpcCalls, request: Request, body: string, ctx: CallContext): Promise<Reply> {
    if (batch) ctx.replies = []
    let early: unknown
    const response = await resolveResponse({
      router,
      req: requestWith(request, body, ctx),
      path: encodeURIComponent(path),
      error: null,
      maxBatchSize: MAX_BATCH,
      createContext: async () => ctx,
      onError: (failed) => {
        if (!failed.ctx) early = failed.error
      },
      responseMeta: ({ errors }) => ({
        headers: metaHeaders(ctx, errors),
        status: errors.length === 0 && !batch ? ctx.reply.status : undefined,
      }),
    })
    // Before there is a context, tRPC's answer cannot have a request id.
    return early ? errorReply(refuse(early, ctx.log), undefined, ctx.requestId) : replyOf(response)
  }
}

/** tRPC's handler reads the request for itself: what has been read, and the signal that counts, are given to it. */
function requestWith({ url, method, headers }: Request, body: string, { signal }: CallContext): Request {
  return new Request(url, { method, headers, signal, ...(method === 'POST' && { body }) })
}

function metaHeaders({ reply, replies }: CallContext, errors: readonly unknown[]): Headers {
  if (replies) return batchHeaders(replies)
  const headers = new Headers(reply.headers)
  const refused = errors.length === 0 ? {} : refusalHeaders(refuse(errors[0], undefined).resolved)
  for (const [name, value] of Object.entries(refused)) headers.set(name, value)
  return headers
}
