import { TRPCClientError } from '@trpc/client'
import type { ErrorData } from '../../platform/contract/router-type.ts'

/** The server answered something that is not true. */
export class WrongAnswer extends Error {
  override name = 'WrongAnswer'
}

/** @throws WrongAnswer unless it holds */
export function check(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new WrongAnswer(otherwise)
}

/** Nobody answers. */
export class Unreachable extends Error {
  constructor(url: string, cause: unknown) {
    super(`Nothing answers at ${url} (${reasonOf(cause)}). Is Trefoil started there?`, { cause })
    this.name = 'Unreachable'
  }
}

/** Node hides the reason in causes, and the causes of several addresses in a list. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.cause) return reasonOf(error.cause)
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message
}

/** What the server says of a call that it refused; undefined where the error is not its answer. */
export function told(error: unknown): ErrorData | undefined {
  const data: unknown = error instanceof TRPCClientError ? error.data : undefined
  return typeof data === 'object' && data !== null && 'reason' in data ? (data as ErrorData) : undefined
}

/** The refusal that a call ends in. @throws WrongAnswer where it succeeds */
export async function refusalOf(call: Promise<unknown>, what: string): Promise<ErrorData> {
  const error = await call.then(
    () => undefined,
    (error: unknown) => error,
  )
  check(error !== undefined, `${what} was not refused.`)
  const data = told(error)
  if (!data) throw error
  return data
}

/** An error as a sentence for whoever started the script. */
export function sentenceOf(error: unknown): string {
  const data = told(error)
  if (data)
    return `${data.path ?? 'The call'} was refused: ${(error as Error).message} (${data.httpStatus} ${data.reason})`
  if (error instanceof TRPCClientError && error.cause) return sentenceOf(error.cause)
  if (error instanceof SyntaxError) return `The server answered broken JSON: ${error.message}`
  return error instanceof Error ? error.message : String(error)
}
