import { type AnyRouter, callTRPCProcedure } from '@trpc/server'
import { type CallContext, type Endpoint, t } from './trpc.ts'

/** One router of several services'. */
export const merged = (routers: readonly AnyRouter[]): AnyRouter => t.mergeRouters(...routers)

/** The endpoints of a router, by name; those in lazy routers that are not loaded yet, and plain procedures, have none. */
export function endpointsOf(router: AnyRouter): Map<string, Endpoint> {
  const endpoints = new Map<string, Endpoint>()
  for (const [name, procedure] of Object.entries<{ _def: { meta?: Partial<Endpoint> } }>(router._def.procedures)) {
    const { meta } = procedure._def
    if (meta?.answer) endpoints.set(name, meta as Endpoint)
  }
  return endpoints
}

export type CallByName = (name: string, ctx: CallContext, read: () => Promise<unknown>) => Promise<unknown>

/** Calls straight where that is possible, and otherwise through tRPC, which loads what is lazy. */
export function createCall(router: AnyRouter, kindOf: (name: string) => Endpoint['spec']['kind']): CallByName {
  const endpoints = endpointsOf(router)
  return (name, ctx, read) =>
    endpoints.get(name)?.answer(ctx, read) ??
    callTRPCProcedure({
      router,
      path: name,
      ctx,
      getRawInput: read,
      type: kindOf(name),
      signal: ctx.signal,
      batchIndex: 0,
    })
}
