import { expect } from 'vitest'
import type { Entity } from '../../commands/command.ts'
import { Refusal } from '../../errors/refusal.ts'
import type { CallContext } from '../../trpc/trpc.ts'
import { dune } from './app.testing.ts'
import { callOf, contextOf } from './context.testing.ts'
import { createBooks, reached } from './service.testing.ts'

/** Books with one in them. */
export const oneBook = (watermarks = reached) => createBooks(new Map<string, Entity>([['b1', dune]]), watermarks)

/** A call of a procedure of theirs, without HTTP. */
export const call = (
  name: string,
  input: unknown,
  ctx: CallContext = contextOf(),
  { router } = oneBook(),
): Promise<unknown> => callOf(router, `books.${name}`, input, ctx)

/** The refusal of a call that must not succeed. */
export async function refusalOf(answer: Promise<unknown>): Promise<Refusal> {
  const error = await answer.then(
    () => expect.fail('it was answered'),
    (error: unknown) => error,
  )
  if (!(error instanceof Refusal)) throw error
  return error
}

export const codeOf = async (answer: Promise<unknown>): Promise<string> => (await refusalOf(answer)).resolved.code
