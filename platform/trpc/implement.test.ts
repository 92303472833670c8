import { TRPCError } from '@trpc/server'
import { describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import type { Entity } from '../commands/command.ts'
import { contract } from '../contract/contract.ts'
import { Failure } from '../errors/failure.ts'
import { Refusal } from '../errors/refusal.ts'
import { books } from '../http/testing/books.testing.ts'
import { callOf, contextOf, createLines } from '../http/testing/context.testing.ts'
import { createMemoryEdge } from '../http/testing/edge.testing.ts'
import { createBooks, reached } from '../http/testing/service.testing.ts'
import { implement } from './implement.ts'
import { type CallContext, t } from './trpc.ts'

const dune = { id: 'b1', version: 3, title: 'Dune', pages: 412, authorId: 'a1', createdAt: '', updatedAt: '' }
const service = (watermarks = reached) => createBooks(new Map<string, Entity>([['b1', dune]]), watermarks)

const call = (name: string, input: unknown, ctx: CallContext = contextOf(), { router } = service()) =>
  callOf(router, `books.${name}`, input, ctx)

/** The refusal of a call that must not succeed. */
async function refusal(answer: Promise<unknown>): Promise<Refusal> {
  const error = await answer.then(
    () => expect.fail('it was answered'),
    (error: unknown) => error,
  )
  if (!(error instanceof Refusal)) throw error
  return error
}
const codeOf = async (answer: Promise<unknown>) => (await refusal(answer)).resolved.code

describe('a procedure', () => {
  test('answers through its output schema, which drops what it does not name', async () => {
    expect(await call('byId', { id: 'b1' })).toEqual({
      id: 'b1',
      version: 3,
      title: 'Dune',
      pages: 412,
      authorId: 'a1',
    })
  })

  test('needs an actor, before anything else is looked at', async () => {
    const ctx = contextOf({ actor: null })
    expect(await codeOf(call('byId', { nonsense: true }, ctx))).toBe('auth.missing')
  })

  test('says why the token was refused', async () => {
    const ctx = contextOf({ actor: null, refused: new Failure('auth.expired') })
    expect(await codeOf(call('byId', { id: 'b1' }, ctx))).toBe('auth.expired')
  })

  test('that is open is called without an actor, and with a token that is not valid', async () => {
    const ctx = contextOf({ actor: null, refused: new Failure('auth.expired') })
    expect(await call('login', { username: 'ann', password: 'secret' }, ctx)).toMatchObject({ access_token: 'ann' })
  })

  test('takes no unknown field and no other type', async () => {
    const { resolved } = await refusal(call('count', { n: '5', m: 1 }))
    expect(resolved.code).toBe('input.invalid')
    expect(resolved.extra.issues).toEqual([
      { path: ['n'], message: 'Invalid input: expected number, received string' },
      { path: ['m'], message: 'There is no such field.' },
    ])
  })

  test('takes no input for an empty one', async () => {
    expect(await call('newest', undefined)).toMatchObject({ id: 'b1' })
  })

  test.each([
    ['NUL', { n: 1, deep: { a: ['x\0'] } }],
    ['half of a surrogate pair', { n: 1, deep: 'a\ud800' }],
    ['one in a key', { n: 1, deep: { '\udc00': 1 } }],
    ['__proto__', { n: 1, deep: JSON.parse('{"__proto__":1}') }],
    ['a tower', { n: 1, deep: JSON.parse('['.repeat(25) + ']'.repeat(25)) }],
    ['a very high tower', { n: 1, deep: JSON.parse('['.repeat(30_000) + ']'.repeat(30_000)) }],
  ])('refuses %s', async (_, input) => {
    expect(await codeOf(call('count', input))).toBe('input.malformed')
  })

  test('keeps whole surrogate pairs, and nesting that is not too deep', async () => {
    expect(await call('count', { n: 1, deep: { '😀': JSON.parse('['.repeat(18) + ']'.repeat(18)) } })).toEqual({ n: 1 })
  })

  test('logs and hides what is no failure', async () => {
    for (const kind of ['error', 'text', 'output', 'unknown']) {
      const { lines, logger } = createLines()
      const { resolved } = await refusal(call('trouble', { kind }, contextOf({ log: logger })))
      expect(resolved).toMatchObject({ code: 'internal', detail: undefined })
      expect(lines).toHaveLength(1)
      expect(lines[0]).toMatchObject({ level: 50, err: expect.anything() })
    }
  })

  test('gives a failure of its service as the service defines it', async () => {
    const { resolved, code, message } = await refusal(call('trouble', { kind: 'failure' }))
    expect(resolved).toMatchObject({ code: 'book.title_taken', status: 409, extra: { by: 'b1' } })
    expect([code, message]).toEqual(['CONFLICT', 'It is taken.'])
  })
})

describe('a consistency token', () => {
  const asked = { seen: new Map([[3, 7]]) }

  test('is waited for at the mark of the service', async () => {
    const reach = vi.fn(async () => true)
    await call('byId', { id: 'b1' }, contextOf({ asked }), service({ reach }))
    expect(reach).toHaveBeenCalledWith([{ partition: 3, offset: 7 }], 'served', 2000, expect.any(AbortSignal))
  })

  test('that is not reached in time is 503, and the handler does not run', async () => {
    const { resolved } = await refusal(
      call('byId', { id: 'none' }, contextOf({ asked }), service({ reach: async () => false })),
    )
    expect(resolved).toMatchObject({ code: 'token.behind', status: 503, retryAfter: 1 })
  })
})

describe('If-Match', () => {
  const asked = { version: 3 }

  test('is the expected version', async () => {
    expect(await call('update', { id: 'b1', pages: 5 }, contextOf({ asked }))).toMatchObject({ version: 4, pages: 5 })
    expect(await codeOf(call('update', { id: 'b1', pages: 5 }, contextOf({ asked: { version: 2 } })))).toBe(
      'version.mismatch',
    )
  })

  test('may be said twice, but not differently', async () => {
    expect(await call('update', { id: 'b1', expectedVersion: 3 }, contextOf({ asked }))).toMatchObject({ version: 4 })
    expect(await codeOf(call('update', { id: 'b1', expectedVersion: 2 }, contextOf({ asked })))).toBe('version.invalid')
  })

  test('is refused where there is no version to match', async () => {
    expect(await codeOf(call('count', { n: 1 }, contextOf({ asked })))).toBe('version.invalid')
  })
})

describe('a command', () => {
  const input = { title: 'Emma', authorId: 'a2' }

  test('answers the entity as it became', async () => {
    const ctx = contextOf()
    expect(await call('create', input, ctx)).toMatchObject({ title: 'Emma', pages: null, version: 1 })
    expect(ctx.reply.headers.has('Consistency-Token')).toBe(true)
  })

  test('answers a receipt as it is, with 202', async () => {
    const ctx = contextOf({ asked: { respondAsync: true } })
    expect(await call('create', input, ctx)).toMatchObject({ status: 'accepted', operation: expect.any(String) })
    expect(ctx.reply.status).toBe(202)
  })

  test('repeated under its key is answered as before, whatever a check would say now', async () => {
    const books = service()
    const ctx = contextOf({ asked: { idempotencyKey: 'k' } })
    const first = await call('create', input, ctx, books)
    expect(await call('create', input, ctx, books)).toEqual(first)
    expect(await codeOf(call('create', { ...input, pages: 1 }, ctx, books))).toBe('idempotency.reused')
    expect(await codeOf(call('create', input, contextOf(), books))).toBe('book.title_taken')
  })

  test('that answers nothing answers nothing', async () => {
    expect(await call('remove', { id: 'b1' })).toBeUndefined()
  })

  test('may present its entity, and answer something beside it that is not in the log', async () => {
    const entities = new Map<string, Entity>()
    const things = contract({
      make: {
        kind: 'mutation',
        command: true,
        summary: 'Make',
        input: z.strictObject({ name: z.string() }),
        output: z.object({ id: z.string(), name: z.string(), once: z.string() }),
        example: { input: {} },
      },
    })
    const { procedure, router } = implement('things', things, {
      commands: createMemoryEdge(entities),
      watermarks: reached,
      mark: 'decided',
      present: (entity, ctx) => ({ ...entity, name: `seen by ${ctx.actor?.id}` }),
    })
    const made = router({
      make: procedure.make.mutation(async ({ input, newId }) => {
        return { type: 'thing.make', entity: newId, root: newId, payload: input, also: { once: 'secret' } }
      }),
    })
    expect(await callOf(made, 'things.make', { name: 'x' })).toEqual({
      id: 'n-c1',
      name: 'seen by ann',
      once: 'secret',
    })
    expect(JSON.stringify([...entities.values()])).not.toContain('secret')
  })
})

describe('a subscription', () => {
  test('checks each element, and keeps its id', async () => {
    const stream = (await call('ticks', { to: 2 })) as AsyncIterable<[string, unknown]>
    const elements = []
    for await (const [id, data] of stream) elements.push([id, data])
    expect(elements).toEqual([
      ['1', { tick: 1 }],
      ['2', { tick: 2 }],
    ])
  })

  test('gives a failure in the midst as the service defines it', async () => {
    const stream = (await call('ticks', { to: 1, fail: true })) as AsyncIterable<unknown>
    const all = async () => {
      for await (const _ of stream);
    }
    expect(await codeOf(all())).toBe('book.not_found')
  })
})

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

test('tRPC own failures have a stable code and a request id', async () => {
  const ctx = contextOf()
  const shape = t._config.errorFormatter({
    error: new TRPCError({ code: 'NOT_FOUND', message: 'words of tRPC' }),
    type: 'query',
    path: 'books.none',
    input: undefined,
    ctx,
    shape: { message: '', code: -32603, data: { code: 'NOT_FOUND', httpStatus: 404 } },
  })
  expect(shape).toEqual({
    message: 'Nothing is served at this path; see /docs.',
    code: -32004,
    data: { code: 'NOT_FOUND', httpStatus: 404, path: 'books.none', reason: 'route.unknown', requestId: 'r1' },
  })
})
