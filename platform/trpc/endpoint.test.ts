import { describe, expect, test, vi } from 'vitest'
import { Failure } from '../errors/failure.ts'
import { call, codeOf, oneBook, refusalOf } from '../http/testing/call.testing.ts'
import { contextOf, createLines } from '../http/testing/context.testing.ts'
import type { CallContext } from './trpc.ts'

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
    const { resolved } = await refusalOf(call('count', { n: '5', m: 1 }))
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
      const { resolved } = await refusalOf(call('trouble', { kind }, contextOf({ log: logger })))
      expect(resolved).toMatchObject({ code: 'internal', detail: undefined })
      expect(lines).toHaveLength(1)
      expect(lines[0]).toMatchObject({ level: 50, err: expect.anything() })
    }
  })

  test('gives a failure of its service as the service defines it', async () => {
    const { resolved, code, message } = await refusalOf(call('trouble', { kind: 'failure' }))
    expect(resolved).toMatchObject({ code: 'book.title_taken', status: 409, extra: { by: 'b1' } })
    expect([code, message]).toEqual(['CONFLICT', 'It is taken.'])
  })
})

describe('a consistency token', () => {
  const asked = { seen: new Map([[3, 7]]) }

  test('is waited for at the mark of the service', async () => {
    const reach = vi.fn(async () => true)
    await call('byId', { id: 'b1' }, contextOf({ asked }), oneBook({ reach }))
    expect(reach).toHaveBeenCalledWith([{ partition: 3, offset: 7 }], 'served', 2000, expect.any(AbortSignal))
  })

  test('that is not reached in time is 503, and the handler does not run', async () => {
    const { resolved } = await refusalOf(
      call('byId', { id: 'none' }, contextOf({ asked }), oneBook({ reach: async () => false })),
    )
    expect(resolved).toMatchObject({ code: 'token.behind', status: 503, retryAfter: 1 })
  })
})

describe('If-Match', () => {
  const versions = (...all: number[]) =>
    contextOf({ asked: { match: all.map((version) => ({ version, idEnd: undefined })) } })
  const change = (ctx: CallContext, more: object = {}) => call('update', { id: 'b1', pages: 5, ...more }, ctx)

  test('is the expected version', async () => {
    expect(await change(versions(3))).toMatchObject({ version: 4, pages: 5 })
    expect(await codeOf(change(versions(2)))).toBe('version.mismatch')
  })

  test('may be one of several, and is none where none can be', async () => {
    expect(await change(versions(1, 2, 3, 4))).toMatchObject({ version: 4, pages: 5 })
    expect(await codeOf(change(versions(1, 2)))).toBe('version.mismatch')
    expect(await codeOf(change(versions()))).toBe('version.mismatch')
    expect(await codeOf(call('update', { id: 'none' }, versions()))).toBe('book.not_found')
  })

  test('of several is repeated under a key like any other', async () => {
    const books = oneBook()
    const ctx = versions(2, 3)
    ctx.asked.idempotencyKey = 'k'
    const again = () => call('update', { id: 'b1', pages: 5 }, ctx, books)
    const first = await again()
    expect(first).toMatchObject({ version: 4 })
    expect(await again()).toEqual(first)
  })

  test('is of one entity where it says so', async () => {
    const withEtags = (...ends: string[]) =>
      contextOf({ asked: { match: ends.map((idEnd) => ({ version: 3, idEnd })) } })
    expect(await change(withEtags('b2', 'b1'))).toMatchObject({ version: 4 })
    expect(await codeOf(change(withEtags('b2')))).toBe('version.mismatch')
  })

  test('may be said twice, but not differently', async () => {
    expect(await change(versions(3), { expectedVersion: 3 })).toMatchObject({ version: 4 })
    for (const several of [versions(3), versions(2, 3), versions()])
      expect(await codeOf(change(several, { expectedVersion: 2 }))).toBe('version.invalid')
  })

  test('is refused where there is no version to match', async () => {
    expect(await codeOf(call('count', { n: 1 }, versions(3)))).toBe('version.invalid')
  })
})

describe('If-None-Match', () => {
  const nothing = contextOf({ asked: { noneMatch: '*' } })

  test('lets a change make what is not there, and change nothing that is', async () => {
    expect(await call('create', { title: 'Emma', authorId: 'a2' }, nothing)).toMatchObject({ version: 1 })
    for (const name of ['update', 'remove']) {
      const books = oneBook()
      expect(await codeOf(call(name, { id: 'b1' }, nothing, books))).toBe('version.mismatch')
      expect(await call('byId', { id: 'b1' }, contextOf(), books)).toMatchObject({ version: 3 })
      expect(await codeOf(call(name, { id: 'none' }, nothing, books))).toBe('book.not_found')
    }
  })

  test('binds no change to other versions', async () => {
    const tags = contextOf({ asked: { noneMatch: 'tags' } })
    expect(await codeOf(call('update', { id: 'b1', pages: 5 }, tags))).toBe('version.invalid')
    expect(await call('byId', { id: 'b1' }, tags)).toMatchObject({ version: 3 })
  })
})

test('headers that cannot be understood are spoken of once it is known who asks', async () => {
  const misasked = new Failure('version.invalid')
  expect(await codeOf(call('byId', { id: 'b1' }, contextOf({ misasked })))).toBe('version.invalid')
  expect(await codeOf(call('byId', { id: 'b1' }, contextOf({ misasked, actor: null })))).toBe('auth.missing')
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
