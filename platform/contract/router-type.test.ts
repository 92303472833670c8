import { createTRPCClient, httpLink, TRPCClientError } from '@trpc/client'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import type { Receipt } from '../commands/command.ts'
import type { PlatformCode } from '../errors/codes.ts'
import { contract } from './contract.ts'
import type { RouterOf } from './router-type.ts'

const Thing = z.object({ id: z.string(), size: z.number() })
const things = contract({
  byId: {
    kind: 'query',
    rest: 'GET /things/{id}',
    summary: 'A thing',
    input: z.strictObject({ id: z.string(), deep: z.boolean().default(false) }),
    output: Thing,
    rejects: ['thing.not_found'],
    example: { input: { id: 'a' } },
  },
  all: {
    kind: 'query',
    summary: 'All things',
    input: z.strictObject({ limit: z.number().optional() }),
    output: z.array(Thing),
    example: { input: {} },
  },
  make: {
    kind: 'mutation',
    command: true,
    summary: 'Make a thing',
    input: z.strictObject({ size: z.number() }),
    output: Thing,
    example: { input: { size: 1 } },
  },
  watch: {
    kind: 'subscription',
    summary: 'Sizes as they change',
    input: z.strictObject({ id: z.string() }),
    output: z.number(),
    example: { input: { id: 'a' } },
  },
})

const client = createTRPCClient<RouterOf<'things', typeof things>>({
  links: [
    httpLink({
      url: 'http://localhost/trpc',
      fetch: async () =>
        Response.json(
          {
            error: {
              message: 'There is no such thing.',
              code: -32004,
              data: { code: 'NOT_FOUND', httpStatus: 404, path: 'things.byId', reason: 'thing.not_found' },
            },
          },
          { status: 404 },
        ),
    }),
  ],
})

describe('a client typed by a contract', () => {
  test('takes inputs and gives answers as the schemas say', () => {
    expectTypeOf(client.things.byId.query).parameter(0).toEqualTypeOf<{ id: string; deep?: boolean | undefined }>()
    expectTypeOf(client.things.byId.query).returns.resolves.toEqualTypeOf<{ id: string; size: number }>()
    expectTypeOf(client.things.all.query).toBeCallableWith()
  })

  test('knows that a command may answer a receipt', () => {
    expectTypeOf(client.things.make.mutate).returns.resolves.toEqualTypeOf<{ id: string; size: number } | Receipt>()
  })

  test('offers what the kind allows and nothing else', () => {
    expectTypeOf(client.things.byId).not.toHaveProperty('mutate')
    expectTypeOf(client.things.make).not.toHaveProperty('query')
    expectTypeOf(client.things.watch).toHaveProperty('subscribe')
  })

  test('gives the reason of an error as a literal type', async () => {
    const error = await client.things.byId.query({ id: 'a' }).catch((error: unknown) => error)
    if (!(error instanceof TRPCClientError)) throw error
    const typed: TRPCClientError<RouterOf<'things', typeof things>> = error
    expectTypeOf(typed.data!.reason).toEqualTypeOf<'thing.not_found' | PlatformCode>()
    expect(typed.data?.reason).toBe('thing.not_found')
  })
})
