import { createTRPCClient, httpLink, TRPCClientError } from '@trpc/client'
import type { AnyRouter } from '@trpc/server'
import { formatToken, TOKEN_HEADER } from './commands/watermarks/token.ts'
import type { Context } from './context.ts'
import { Failure } from './errors/failure.ts'
import { GATEWAY_HEADER, MISDIRECTED } from './http/elsewhere.ts'
import { retrying, systemClock } from './waiting.ts'

/** How long a question to another service may take. */
const TIMEOUT_MS = 5000
/** Between two attempts, so that an instance is found soon after it is there. */
const LONGEST_WAIT_MS = 250

/**
 * A typed client of another service, for questions asked on a caller's behalf: with the caller's token, and what the caller
 * has seen. Each call is given the caller's context: `peer(ctx).projects.byId.query({ id })`. A question that an instance
 * leaves to another one, or that meets none, is asked again: services are restarted while others go on.
 */
export function peer<Router extends AnyRouter>(url: string) {
  const base = `${url.replace(/\/$/, '')}/trpc`
  return (ctx: Context) =>
    createTRPCClient<Router>({
      links: [
        httpLink({
          url: base,
          headers: {
            'x-request-id': ctx.requestId,
            [GATEWAY_HEADER]: String(MISDIRECTED),
            ...(ctx.bearer !== undefined && { authorization: `Bearer ${ctx.bearer}` }),
            ...(ctx.asked.seen.size > 0 && { [TOKEN_HEADER]: formatToken(ctx.asked.seen) }),
            ...(ctx.traceparent !== undefined && { traceparent: ctx.traceparent }),
            ...(ctx.tracestate !== undefined && { tracestate: ctx.tracestate }),
          },
          fetch: (input, init) => {
            const signal = AbortSignal.any([ctx.signal, AbortSignal.timeout(TIMEOUT_MS)])
            const ask = async () => taken(await fetch(input as string, { ...(init as RequestInit), signal }))
            return retrying(ask, { clock: systemClock, signal, longest: LONGEST_WAIT_MS })
          },
        }),
      ],
    } as never)
}

async function taken(response: Response): Promise<Response> {
  if (response.status !== MISDIRECTED) return response
  await response.body?.cancel()
  throw new Error('the instance starts or stops')
}

/**
 * What a peer answered; null where it says that there is no such thing.
 * @throws Failure the peer's own refusal, or `store.unavailable` where it did not answer
 */
export async function answerOrNull<T>(answer: Promise<T>, notFound: string): Promise<T | null> {
  try {
    return await answer
  } catch (error) {
    if (!(error instanceof TRPCClientError)) throw error
    const data = error.data as { reason?: string; retryAfter?: number } | null
    if (!data?.reason) throw new Failure('store.unavailable', undefined, { retryAfter: 1, cause: error })
    if (data.reason === notFound) return null
    throw new Failure(data.reason, error.message, {
      cause: error,
      ...(data.retryAfter !== undefined && { retryAfter: data.retryAfter }),
    })
  }
}
