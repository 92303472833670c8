import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { books } from '../http/testing/books.testing.ts'
import { createMemoryEdge } from '../http/testing/edge.testing.ts'
import { reached } from '../http/testing/service.testing.ts'
import { implement } from './implement.ts'

describe('implement', () => {
  const parts = { watermarks: reached, mark: 'decided' } as const
  const open = { kind: 'query', summary: 'A', output: z.object({}), example: { input: {} } } as const

  test('refuses an input that would swallow unknown fields', () => {
    const { procedure } = implement('things', { all: { ...open, input: z.object({}) } }, parts)
    expect(() => procedure.all.query(async () => ({}))).toThrow('things.all: its input takes unknown fields')
  })

  test('refuses a command without an edge', () => {
    const make = { ...open, kind: 'mutation', command: true, input: z.strictObject({}) } as const
    const { procedure } = implement('things', { make }, parts)
    expect(() => procedure.make.mutation(async () => ({ type: '', entity: '', root: '', payload: {} }))).toThrow('edge')
  })

  // Refused by the compiler; were it not, `tsc` would complain of an unused directive.
  test('takes every procedure of the contract, under its key, by its kind, and nothing else', () => {
    const all = { ...open, input: z.strictObject({}) }
    const make = {
      ...open,
      kind: 'mutation',
      input: z.strictObject({ n: z.number() }),
      output: z.object({ text: z.string() }),
    } as const
    const { procedure, router } = implement('things', { all, make }, parts)
    const one = procedure.all.query(async () => ({}))
    const other = procedure.make.mutation(async ({ input, ctx }) => ({ text: `${input.n} ${ctx.actor.id}` }))
    router({ all: one, make: other })
    // @ts-expect-error one is missing
    router({ all: one })
    // @ts-expect-error one is not in the contract
    router({ all: one, make: other, more: other })
    // @ts-expect-error they are exchanged
    expect(() => router({ all: other, make: one })).not.toThrow()
    // @ts-expect-error a query is no mutation
    expect(procedure.all.mutation).toBeUndefined()
    // @ts-expect-error there is no such procedure
    expect(procedure.none).toBeUndefined()
    const books = implement('books', { create: bookCreate }, { ...parts, commands: createMemoryEdge(new Map()) })
    // @ts-expect-error a command's handler returns a draft
    books.procedure.create.mutation(async () => ({ id: 'b1', version: 1, title: '', pages: null, authorId: '' }))
  })
  const bookCreate = books.create
})
