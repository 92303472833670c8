import type { Draft } from '../commands/command.ts'
import type { Answer, Call } from '../commands/send/edge.ts'
import type { Context } from '../context.ts'
import type { Procedure } from '../contract/contract.ts'
import { Failure } from '../errors/failure.ts'
import { endOf } from '../ids.ts'
import type { Handler, Perform, ProcedureParts } from './endpoint.ts'
import type { WriteOutput } from './output.ts'

/**
 * A mutation through the log. What was asked before under the same key is answered before any check may refuse it, so
 * that the retry of a success is a success.
 */
export function performCommand(
  name: string,
  spec: Procedure,
  { commands, mark, present }: ProcedureParts,
  handler: Handler,
  write: WriteOutput,
): Perform {
  if (!commands) throw new Error(`${name} is a command: implement needs the edge of the write path`)

  return async (input, ctx) => {
    const call: Call = { ctx, procedure: name, spec, input, mark }
    const identity = commands.identify(call)
    const earlier = await commands.earlier(call, identity)
    if (earlier) return shown(earlier, call)
    let draft: Draft
    try {
      draft = (await handler({ input, ctx, newId: identity.newId })) as Draft
      requireMatch(ctx, draft)
    } catch (refusal) {
      // A check that meets what the first one under the same key has just made does not refuse its retry.
      const meanwhile = await commands.earlier(call, identity)
      if (!meanwhile) throw refusal
      return shown(meanwhile, call)
    }
    return shown(await commands.submit(call, identity, draft), call)
  }

  async function shown(answer: Answer, { ctx }: Call): Promise<unknown> {
    if ('receipt' in answer) {
      ctx.reply.status = 202
      return answer.receipt
    }
    return write(present ? await present(answer.entity, ctx) : answer.entity)
  }
}

/** What the caller has read may have moved on: another entity has its name now. */
function requireMatch({ asked }: Context, { entity }: Draft): void {
  if (asked.idEnd === undefined || asked.idEnd === endOf(entity)) return
  throw new Failure('version.mismatch', 'The path leads to another entity now; read it again.')
}
