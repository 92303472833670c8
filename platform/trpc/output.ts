import { isTrackedEnvelope, tracked } from '@trpc/server'
import type { Logger } from 'pino'
import type { Procedure } from '../contract/contract.ts'
import type { Codes } from '../errors/codes.ts'
import { refuse } from '../errors/refusal.ts'
import type { Perform } from './endpoint.ts'

export type WriteOutput = (value: unknown) => unknown

/** Nothing leaves but what the schema names. What does not fit it is a fault of this side. */
export function outputOf(name: string, { output }: Procedure): WriteOutput {
  const type = output._zod.def.type
  if (type === 'void' || type === 'undefined') return () => undefined
  return (value) => {
    const { success, data, error } = output.safeParse(value)
    if (!success) throw new Error(`${name} answers what its output schema does not allow`, { cause: error })
    return data
  }
}

/** The same for each element of a stream. */
export const streamOf =
  (plain: Perform, write: WriteOutput, codes: Codes): Perform =>
  async (input, ctx) =>
    written((await plain(input, ctx)) as AsyncIterable<unknown>, write, codes, ctx.log)

async function* written(elements: AsyncIterable<unknown>, write: WriteOutput, codes: Codes, log: Logger) {
  try {
    for await (const element of elements) {
      yield isTrackedEnvelope(element) ? tracked(element[0], write(element[1])) : write(element)
    }
  } catch (error) {
    throw refuse(error, log, codes)
  }
}
