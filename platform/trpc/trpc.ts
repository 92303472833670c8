import { initTRPC } from '@trpc/server'
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc'
import type { Context } from '../context.ts'
import type { Procedure } from '../contract/contract.ts'
import type { ErrorShape } from '../contract/router-type.ts'
import { type Refusal, refuse } from '../errors/refusal.ts'

/** A context as the faces make it. */
export interface CallContext extends Context {
  /** Why there is no actor although a token was sent: open procedures go on without one, the others say it. */
  refused?: unknown
  /** Why what the headers ask for cannot be understood: said once it is known who asks. */
  misasked?: unknown
  /** In a batch, where each call has a reply of its own. */
  replies?: Context['reply'][]
  /** False as long as nobody has asked for the reply's headers, which are made for whoever does. */
  touched?(): boolean
}

/** The response headers that a call has set. */
export const sentBy = (ctx: CallContext): Record<string, string> =>
  ctx.touched?.() === false ? {} : Object.fromEntries(ctx.reply.headers)

/** What `implement` keeps with each procedure: how others see it, and the way in that costs nothing but itself. */
export interface Endpoint {
  /** `tasks.create` */
  name: string
  spec: Procedure
  /** Everything a call goes through. `read` gives the raw input. @throws Refusal */
  answer(ctx: CallContext, read: () => unknown): Promise<unknown>
}

/** The one tRPC of the project. No transformer: what is answered is JSON already. No stack ever leaves it. */
export const t = initTRPC
  .context<CallContext>()
  .meta<Endpoint>()
  .create({
    isDev: false,
    sse: { ping: { enabled: true, intervalMs: 15_000 } },
    errorFormatter: ({ error, path, ctx }) => errorShape(refuse(error, ctx?.log), path, ctx?.requestId),
  })

/** An error over tRPC. What a code tells beside itself cannot take the place of what every error has. */
export function errorShape({ resolved, message }: Refusal, path?: string, requestId?: string): ErrorShape {
  const { code, trpc, status, extra, retryAfter } = resolved
  return {
    message,
    code: TRPC_ERROR_CODES_BY_KEY[trpc],
    data: {
      ...extra,
      code: trpc,
      httpStatus: status,
      ...(path !== undefined && { path }),
      reason: code as ErrorShape['data']['reason'],
      ...(requestId !== undefined && { requestId }),
      ...(retryAfter !== undefined && { retryAfter }),
    },
  }
}
