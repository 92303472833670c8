import type { Context, Match } from '../context.ts'
import type { Procedure } from '../contract/contract.ts'
import { Failure } from '../errors/failure.ts'
import { invalid } from '../errors/resolve.ts'
import { assertWellFormed } from './well-formed.ts'

export type ReadInput = (raw: unknown, asked: Context['asked']) => Record<string, unknown>

/** From what was sent to what the handler gets: strictly the schema, with the first ETag of If-Match in its place. */
export function inputOf(name: string, { input, body }: Procedure): ReadInput {
  if (input._zod.def.catchall?._zod.def.type !== 'never') {
    throw new Error(`${name}: its input takes unknown fields in silence; make it a z.strictObject`)
  }
  const versioned = 'expectedVersion' in input.shape

  return (raw, { match }) => {
    assertWellFormed(raw, body === undefined ? 0 : -1) // the object around a whole body is ours, not the caller's
    const given = raw === undefined ? {} : raw
    const { success, data, error } = input.safeParse(match === undefined ? given : withVersion(given, match))
    if (!success) throw invalid(error)
    return data
  }

  function withVersion(given: unknown, match: readonly Match[]): unknown {
    if (!versioned) throw new Failure('version.invalid', 'If-Match does not apply here: this takes no version.')
    if (typeof given !== 'object' || given === null) return given
    const [{ version } = {}, ...others] = match
    if ('expectedVersion' in given && (given.expectedVersion !== version || others.length > 0)) {
      throw new Failure('version.invalid', 'If-Match and expectedVersion differ; send one of them.')
    }
    return version === undefined ? given : { ...given, expectedVersion: version }
  }
}
