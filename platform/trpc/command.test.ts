import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Entity } from '../commands/command.ts'
import { contract } from '../contract/contract.ts'
import { Failure } from '../errors/failure.ts'
import { call, codeOf, oneBook } from '../http/testing/call.testing.ts'
import { callOf, contextOf } from '../http/testing/context.testing.ts'
import { createMemoryEdge } from '../http/testing/edge.testing.ts'
import { reached } from '../http/testing/service.testing.ts'
import { implement } from './implement.ts'

const things = contract({
  make: {
    kind: 'mutation',
    command: true,
    summary: 'Make',
    input: z.strictObject({ name: z.string() }),
    output: z.object({ id: z.string(), name: z.string() }),
    example: { input: {} },
  },
})

describe('a command', () => {
  const input = { title: 'Emma', authorId: 'a2' }

  test('answers the entity as it became', async () => {
    const ctx = contextOf()
    expect(await call('create', input, ctx)).toMatchObject({ title: 'Emma', pages: null, version: 1 })
    expect(ctx.reply.headers.has('Consistency-Token')).toBe(true)
    expect(ctx.reply.status).toBeUndefined()
  })

  test('answers a receipt as it is, with 202', async () => {
    const ctx = contextOf({ asked: { respondAsync: true } })
    expect(await call('create', input, ctx)).toMatchObject({ status: 'accepted', operation: expect.any(String) })
    expect(ctx.reply.status).toBe(202)
  })

  test('repeated under its key is answered as before, whatever a check would say now', async () => {
    const books = oneBook()
    const ctx = contextOf({ asked: { idempotencyKey: 'k' } })
    const first = await call('create', input, ctx, books)
    expect(await call('create', input, ctx, books)).toEqual(first)
    expect(await codeOf(call('create', { ...input, pages: 1 }, ctx, books))).toBe('idempotency.reused')
    expect(await codeOf(call('create', input, contextOf(), books))).toBe('book.title_taken')
  })

  test('repeated under its key is not carried out again', async () => {
    const books = oneBook()
    const ctx = contextOf({ asked: { idempotencyKey: 'k' } })
    const change = () => call('update', { id: 'b1', pages: 5 }, ctx, books)
    expect(await change()).toMatchObject({ version: 4 })
    expect(await change()).toMatchObject({ version: 4 })
  })

  test('is prepared once, before anything is answered, also where it is refused in the end', async () => {
    const said: string[] = []
    const edge = createMemoryEdge(new Map())
    const { procedure, router } = implement('things', things, {
      commands: {
        ...edge,
        prepare: async () => void said.push('prepare'),
        earlier: async (call, identity) => {
          said.push('earlier')
          return edge.earlier(call, identity)
        },
      },
      watermarks: reached,
      mark: 'decided',
    })
    const refusing = router({
      make: procedure.make.mutation(async () => {
        said.push('check')
        throw new Failure('version.mismatch')
      }),
    })
    expect(await codeOf(callOf(refusing, 'things.make', { name: 'x' }))).toBe('version.mismatch')
    expect(said).toEqual(['prepare', 'earlier', 'check', 'earlier'])
  })

  test('that answers nothing answers nothing', async () => {
    expect(await call('remove', { id: 'b1' })).toBeUndefined()
  })

  test('may present its entity as it is not in the log', async () => {
    const entities = new Map<string, Entity>()
    const { procedure, router } = implement('things', things, {
      commands: createMemoryEdge(entities),
      watermarks: reached,
      mark: 'decided',
      present: (entity, ctx) => ({ ...entity, name: `seen by ${ctx.actor?.id}` }),
    })
    const made = router({
      make: procedure.make.mutation(async ({ input, newId }) => {
        return { type: 'thing.make', entity: newId, root: newId, payload: input }
      }),
    })
    expect(await callOf(made, 'things.make', { name: 'x' })).toEqual({ id: 'n-c1', name: 'seen by ann' })
    expect([...entities.values()]).toMatchObject([{ name: 'x' }])
  })
})
