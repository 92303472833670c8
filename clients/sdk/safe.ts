import { type ErrorWith, hasCode } from './errors.ts'

/** A promise of which the compiler knows the codes that it may reject with. */
export interface Outcome<Value, Code extends string> extends Promise<Value> {
  readonly [rejects]?: Code
}

/** There is no such value: it tells the compiler what `safe` may find. */
declare const rejects: unique symbol

export type Result<Value, Code extends string> =
  | readonly [value: Value, error: undefined]
  | readonly [value: undefined, error: ErrorWith<Code>]

/**
 * The result of a call as a value, in the way of tRPC's own `safe`, with every code that the call may end with:
 *
 *     const [task, error] = await safe(client.tasks.move.mutate({ id: 'APOLLO-1', state: 'done' }))
 *     if (error?.code === 'task.illegal_move') …
 *
 * What is no TrefoilError, a fault of one's own, is thrown.
 */
export async function safe<Value, Code extends string>(call: Outcome<Value, Code>): Promise<Result<Value, Code>> {
  try {
    return [await call, undefined]
  } catch (error) {
    if (hasCode(error)) return [undefined, error as unknown as ErrorWith<Code>]
    throw error
  }
}
