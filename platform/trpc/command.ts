import type { Answer, Call } from '../commands/send/edge.ts'
import type { Procedure } from '../contract/contract.ts'
import type { DraftAnswer, Handler, Parts, Perform } from './answer.ts'
import type { WriteOutput } from './output.ts'

/**
 * A mutation through the log. What was asked before under the same key is answered before any check may refuse it, so
 * that the retry of a success is a success.
 */
export function commandOf(
  name: string,
  spec: Procedure,
  { commands, mark, present }: Parts,
  handler: Handler,
  write: WriteOutput,
): Perform {
  if (!commands) throw new Error(`${name} is a command: implement needs the edge of the write path`)

  return async (input, ctx) => {
    const call: Call = { ctx, procedure: name, spec, input, mark }
    const identity = commands.identify(call)
    const earlier = await commands.earlier(call, identity)
    if (earlier) return shown(earlier, call)
    let drafted: DraftAnswer
    try {
      drafted = (await handler({ input, ctx, newId: identity.newId })) as DraftAnswer
    } catch (refusal) {
      // A check that meets what the first one under the same key has just made does not refuse its retry.
      const meanwhile = await commands.earlier(call, identity)
      if (!meanwhile) throw refusal
      return shown(meanwhile, call)
    }
    const { also, ...draft } = drafted
    return shown(await commands.submit(call, identity, draft), call, also)
  }

  async function shown(answer: Answer, { ctx }: Call, also?: DraftAnswer['also']): Promise<unknown> {
    if ('receipt' in answer) {
      ctx.reply.status = 202
      return answer.receipt
    }
    const entity = present ? await present(answer.entity, ctx) : answer.entity
    return write(also ? { ...(entity as object), ...also } : entity)
  }
}
