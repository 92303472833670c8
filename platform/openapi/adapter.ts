import type { AnyRouter } from '@trpc/server'
import type { Contract } from '../contract/contract.ts'
import { problemOf } from '../errors/problem.ts'
import { refuse } from '../errors/refusal.ts'
import type { Reply } from '../http/reply.ts'
import { createCall } from '../trpc/call.ts'
import { type CallContext, sentBy } from '../trpc/trpc.ts'
import { assemblyOf } from './request.ts'
import { respond } from './respond.ts'
import { createRoutes, type Found, type Route } from './routes.ts'
import { eventStream, SSE_TYPE } from './sse.ts'
import { asSent, type Whereabouts } from './whereabouts.ts'

/** The REST face of some contracts, over the same procedures as their tRPC face. */
export interface Rest {
  /** What a request is for; undefined where there is no such path. @throws Failure `input.malformed` */
  find(method: string, path: string): Found | undefined
  /** @throws Refusal */
  answer(route: Route, params: readonly string[], query: string, request: Request, ctx: CallContext): Promise<Reply>
}

export function createRest(services: readonly { name: string; contract: Contract }[], router: AnyRouter): Rest {
  const routes = createRoutes(services)
  const assemblies = new Map(routes.all.map((route) => [route, assemblyOf(route)]))
  const kinds = new Map(routes.all.map(({ name, spec }) => [name, spec.kind]))
  const call = createCall(router, (name) => kinds.get(name)!)

  return {
    find: routes.find,
    async answer(route, params, query, request, ctx) {
      const assemble = assemblies.get(route)!
      let whereabouts: Whereabouts = new Map()
      const read = async () => {
        const assembled = await assemble(request, params, query)
        whereabouts = assembled.whereabouts
        return withLastEventId(route, assembled.input, request)
      }
      const answer = await call(route.name, ctx, read).catch((error) => Promise.reject(asSent(error, whereabouts)))
      return isStream(answer) ? streamed(answer, ctx) : respond(route, answer, request, ctx)
    },
  }
}

const isStream = (answer: unknown): answer is AsyncIterable<unknown> =>
  typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer

function streamed(elements: AsyncIterable<unknown>, ctx: CallContext): Reply {
  const body = eventStream(elements, {
    signal: ctx.signal,
    problemOf: (error) => problemOf(refuse(error, ctx.log).resolved, ctx.requestId),
  })
  const headers = { 'content-type': SSE_TYPE, 'x-accel-buffering': 'no' }
  return { status: 200, headers: { ...headers, ...sentBy(ctx) }, body }
}

/** Where a client that comes back goes on, as tRPC has it too. */
function withLastEventId({ spec }: Route, input: Record<string, unknown>, { headers }: Request): unknown {
  const lastEventId = headers.get('last-event-id')
  if (spec.kind !== 'subscription' || lastEventId === null || !('lastEventId' in spec.input.shape)) return input
  return { ...input, lastEventId }
}
