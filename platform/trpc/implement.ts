import type { AnyProcedure, AnyRouter, TrackedEnvelope } from '@trpc/server'
import type { z } from 'zod'
import type { Actor } from '../auth/actor.ts'
import type { Draft } from '../commands/command.ts'
import type { Context } from '../context.ts'
import type { Contract, Procedure } from '../contract/contract.ts'
import { endpointOf, type Handler, type ProcedureParts } from './endpoint.ts'
import { type CallContext, type Endpoint, t } from './trpc.ts'

/**
 * tRPC procedures of a contract:
 *
 *     const { procedure, router } = implement('tasks', tasks, parts)
 *     return router({ byId: procedure.byId.query(async ({ input, ctx }) => …), … })
 *
 * Each is given under its key, takes a handler of its kind and no other, and goes back under the same key; `router`
 * takes all of them and nothing else. A command's handler returns the change as a Draft and not the entity.
 */
export function implement<C extends Contract>(name: string, contract: C, parts: ProcedureParts): Implementation<C> {
  const builders = Object.entries(contract).map(([key, spec]) => {
    const build = (handler: Handler) => procedureOf(endpointOf(`${name}.${key}`, spec, parts, handler))
    return [key, { [spec.kind]: build }]
  })
  return {
    procedure: Object.fromEntries(builders),
    router: (procedures) => t.router({ [name]: t.router(procedures as unknown as Record<string, AnyProcedure>) }),
  }
}

export interface Implementation<C extends Contract> {
  procedure: { [K in keyof C]: Builder<C[K], K> }
  router(procedures: { [K in keyof C]: Implemented<K> }): AnyRouter
}

export type Builder<P extends Procedure, K> = P['kind'] extends 'query'
  ? { query(handler: (call: CallOf<P>) => Promise<z.input<P['output']>>): Implemented<K> }
  : P['kind'] extends 'subscription'
    ? { subscription(handler: (call: CallOf<P>) => AsyncIterable<Element<P>>): Implemented<K> }
    : P extends { command: true }
      ? { mutation(handler: (call: CommandCallOf<P>) => Promise<Draft>): Implemented<K> }
      : { mutation(handler: (call: CallOf<P>) => Promise<z.input<P['output']>>): Implemented<K> }

/** `tracked(id, value)` gives an element an id, from which a client that comes back goes on. */
type Element<P extends Procedure> = z.input<P['output']> | TrackedEnvelope<z.input<P['output']>>

export interface CallOf<P extends Procedure> {
  input: z.output<P['input']>
  ctx: P extends { open: true } ? Context : Context & { actor: Actor }
}

export interface CommandCallOf<P extends Procedure> extends CallOf<P> {
  /** The id of the entity, where the command makes one. */
  newId: string
}

/** A procedure that is done; its key is part of its type, so that it cannot be put under another. */
export interface Implemented<K> {
  readonly implements: K
}

/** An ordinary tRPC procedure around an endpoint, for tRPC's own ways in: batches, streams, server-side callers. */
function procedureOf(endpoint: Endpoint): AnyProcedure {
  // Reading the input is left to the endpoint: whoever has no token is told so, whatever else is wrong.
  const base = t.procedure.meta(endpoint).use(({ getRawInput, next }) => next({ input: getRawInput }))
  const resolve = ({ ctx, input }: { ctx: CallContext; input: unknown }) =>
    endpoint.answer(contextOfCall(ctx), input as unknown as () => unknown)
  const { kind } = endpoint.spec
  if (kind === 'query') return base.query(resolve)
  if (kind === 'mutation') return base.mutation(resolve)
  return base.subscription((call) => resolve(call) as Promise<AsyncIterable<unknown>>)
}

/** Calls of one batch share a request but not a reply. */
function contextOfCall(ctx: CallContext): CallContext {
  if (!ctx.replies) return ctx
  const reply: Context['reply'] = { headers: new Headers(), status: undefined }
  ctx.replies.push(reply)
  return Object.create(ctx, { reply: { value: reply } })
}
