import type { Draft } from '../commands/command.ts'
import type { Match } from '../context.ts'
import { Failure } from '../errors/failure.ts'
import { endOf } from '../ids.ts'
import type { Handler } from './endpoint.ts'

type HandlerCall = Parameters<Handler>[0]

/**
 * A command's handler under the conditions of the request (RFC 9110, 13.1): where one does not hold, nothing is sent. They
 * are looked at last, so that whoever may not know of an entity does not learn of it by them.
 */
export function underConditions(handler: Handler): (call: HandlerCall) => Promise<Draft> {
  const draftOf = async (call: HandlerCall) => (await handler(call)) as Draft

  /** The change of the version that the entity has, if it is one of these; the log's order has the last word. */
  async function ofOneOf(match: readonly Match[], call: HandlerCall): Promise<Draft> {
    let refusal: unknown
    for (const { version, idEnd } of match) {
      try {
        const draft = await draftOf({ ...call, input: { ...call.input, expectedVersion: version } })
        if (idEnd === undefined || idEnd === endOf(draft.entity)) return draft
        refusal = mismatch('The path leads to another entity now; read it again.')
      } catch (error) {
        if (!(error instanceof Failure && error.code === 'version.mismatch')) throw error
        refusal = error
      }
    }
    if (refusal) throw refusal
    await draftOf(call)
    throw mismatch('No ETag in If-Match can be the current one; a weak one, such as W/"3", never is.')
  }

  return async (call) => {
    const { match, noneMatch } = call.ctx.asked
    if (noneMatch === 'tags') {
      throw new Failure('version.invalid', 'If-None-Match takes `*` alone here; If-Match binds a change to a version.')
    }
    const draft = await (match ? ofOneOf(match, call) : draftOf(call))
    if (noneMatch === '*' && draft.entity !== call.newId)
      throw mismatch('If-None-Match: * is for what is not there yet.')
    return draft
  }
}

const mismatch = (sentence: string) => new Failure('version.mismatch', sentence)
