import type { Entity } from '../commands/command.ts'
import type { CommandEdge } from '../commands/send/edge.ts'
import { positionsOf } from '../commands/watermarks/token.ts'
import type { Mark, Watermarks } from '../commands/watermarks/watermarks.ts'
import type { Context } from '../context.ts'
import type { Procedure } from '../contract/contract.ts'
import { type Codes, platformCodes } from '../errors/codes.ts'
import { Failure } from '../errors/failure.ts'
import { refuse } from '../errors/refusal.ts'
import { performCommand } from './command.ts'
import { inputOf } from './input.ts'
import { outputOf, streamOf } from './output.ts'
import type { CallContext, Endpoint } from './trpc.ts'

/** What a service's procedures stand on. */
export interface ProcedureParts {
  watermarks: Pick<Watermarks, 'reach'>
  /** What this service's entities need in order to be readable. */
  mark: Mark
  /** Needed where the contract has commands. */
  commands?: CommandEdge
  /** The service's own codes. */
  codes?: Codes
  /** An entity as this caller may see it, before the output schema; as it is by default. */
  present?(entity: Entity, ctx: Context): unknown
}

/** A handler as it is called; the contract gives each its exact type. That of a command returns its draft. */
export type Handler = (call: { input: Record<string, unknown>; ctx: Context; newId: string }) => unknown

/** What is left of a call once it may be made: from its input to its answer. */
export type Perform = (input: Record<string, unknown>, ctx: Context) => Promise<unknown>

/** How long a call waits for what its Consistency-Token has seen. */
const TOKEN_WAIT_MS = 2000

/** A procedure in full, in the order in which it may refuse: who asks, what is asked, what the caller has seen. */
export function endpointOf(name: string, spec: Procedure, parts: ProcedureParts, handler: Handler): Endpoint {
  const codes = { ...platformCodes, ...parts.codes }
  const readInput = inputOf(name, spec)
  const perform = performOf(name, spec, { ...parts, codes }, handler)

  return {
    name,
    spec,
    async answer(ctx, read) {
      try {
        if (!spec.open && !ctx.actor) throw ctx.refused ?? new Failure('auth.missing')
        if (ctx.misasked) throw ctx.misasked
        const input = readInput(await read(), ctx.asked)
        if (ctx.asked.seen.size > 0) await reachSeen(ctx)
        return await perform(input, ctx)
      } catch (error) {
        throw refuse(error, ctx.log, codes)
      }
    },
  }

  async function reachSeen({ asked, signal }: CallContext): Promise<void> {
    const reached = await parts.watermarks.reach(positionsOf(asked.seen), parts.mark, TOKEN_WAIT_MS, signal)
    if (!reached) throw new Failure('token.behind', undefined, { retryAfter: 1 })
  }
}

function performOf(name: string, spec: Procedure, parts: ProcedureParts & { codes: Codes }, handler: Handler): Perform {
  const write = outputOf(name, spec)
  const plain: Perform = async (input, ctx) => handler({ input, ctx, newId: '' })
  if (spec.command) return performCommand(name, spec, parts, handler, write)
  if (spec.kind === 'subscription') return streamOf(plain, write, parts.codes)
  return async (input, ctx) => write(await plain(input, ctx))
}
