import type { Draft } from '../commands/command.ts'
import type { Answer, Call } from '../commands/send/edge.ts'
import type { Procedure } from '../contract/contract.ts'
import { underConditions } from './conditions.ts'
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

  const draftOf = underConditions(handler)

  return async (input, ctx) => {
    const call: Call = { ctx, procedure: name, spec, input, mark }
    const identity = commands.identify(call)
    await commands.prepare?.(call, identity)
    const earlier = await commands.earlier(call, identity)
    if (earlier) return shown(earlier, call)
    let draft: Draft
    try {
      draft = await draftOf({ input, ctx, newId: identity.newId })
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
