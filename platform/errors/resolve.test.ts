import { TRPCError } from '@trpc/server'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { defineCodes, platformCodes } from './codes.ts'
import { Failure } from './failure.ts'
import { problemOf, refusalHeaders } from './problem.ts'
import { invalid, resolve } from './resolve.ts'

const codes = defineCodes({
  ...platformCodes,
  'project.name_taken': { trpc: 'CONFLICT', says: 'Another project has this name.' },
})

describe('resolve', () => {
  test('gives a failure its code, status and sentence', () => {
    const failure = new Failure('project.name_taken', 'The name "a" is taken.', { extra: { by: 'x' } })
    expect(resolve(failure, codes)).toEqual({
      code: 'project.name_taken',
      trpc: 'CONFLICT',
      status: 409,
      says: 'Another project has this name.',
      detail: 'The name "a" is taken.',
      extra: { by: 'x' },
      retryAfter: undefined,
    })
  })

  test('shows nothing of what was not meant for a client', () => {
    const secret = 'SELECT password FROM users'
    fc.assert(
      fc.property(
        fc.constantFrom(
          new Error(secret),
          secret,
          { message: secret },
          new TRPCError({ code: 'INTERNAL_SERVER_ERROR', message: secret, cause: new Error(secret) }),
          new TRPCError({ code: 'TIMEOUT', message: secret }),
          new Failure('task.unheard_of', secret),
          new Failure('constructor', secret),
          undefined,
          null,
        ),
        (thrown) => {
          const resolved = resolve(thrown, codes)
          expect(resolved).toMatchObject({ code: 'internal', status: 500, detail: undefined, extra: {} })
          expect(JSON.stringify(resolved)).not.toContain('SELECT')
        },
      ),
    )
  })

  test('finds the failure that tRPC has wrapped', () => {
    const wrapped = new TRPCError({ code: 'INTERNAL_SERVER_ERROR', cause: new Failure('auth.expired') })
    expect(resolve(wrapped)).toMatchObject({ code: 'auth.expired', status: 401 })
  })

  test('names each field that does not fit, unknown ones too', () => {
    const { error } = z.strictObject({ a: z.object({ b: z.number() }) }).safeParse({ a: { b: 'x' }, c: 1 })
    const resolved = resolve(new TRPCError({ code: 'BAD_REQUEST', cause: error }))
    expect(resolved.code).toBe('input.invalid')
    expect(resolved.extra.issues).toEqual([
      { path: ['a', 'b'], message: 'Invalid input: expected number, received string' },
      { path: ['c'], message: 'There is no such field.' },
    ])
  })

  test('names the first twenty, and counts the rest', () => {
    const unknown = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, nth) => [`f${nth}`, 1]))
    const extraOf = (input: object) => resolve(invalid(z.strictObject({}).safeParse(input).error!)).extra
    expect(extraOf(unknown(20))).toEqual({ issues: expect.objectContaining({ length: 20 }) })
    const { issues, moreIssues } = extraOf(unknown(6000))
    expect([issues, moreIssues]).toEqual([expect.objectContaining({ length: 20 }), 5980])
  })

  test.each([
    ['BAD_REQUEST', 'input.malformed', 400],
    ['NOT_FOUND', 'route.unknown', 404],
    ['METHOD_NOT_SUPPORTED', 'route.method', 405],
    ['UNSUPPORTED_MEDIA_TYPE', 'input.media_type', 415],
  ] as const)("knows tRPC's own %s as %s", (code, stable, status) => {
    expect(resolve(new TRPCError({ code, message: 'words of tRPC' }))).toMatchObject({
      code: stable,
      status,
      detail: undefined,
    })
  })

  test('takes the word of a port that says it is unavailable', () => {
    const error = Object.assign(new Error('connect ECONNREFUSED 10.0.0.1'), { unavailable: true })
    expect(resolve(error)).toMatchObject({ code: 'store.unavailable', status: 503, retryAfter: 1, detail: undefined })
  })

  test('has a time to retry for each 503 and 429', () => {
    for (const code of Object.keys(platformCodes)) {
      const { status, retryAfter } = resolve(new Failure(code))
      expect(retryAfter !== undefined, code).toBe(status === 503 || status === 429)
    }
  })
})

describe('problemOf', () => {
  test('is RFC 9457, and extra members cannot take its place', () => {
    const failure = new Failure('project.name_taken', undefined, { extra: { status: 'open', code: 1, allowed: ['b'] } })
    expect(problemOf(resolve(failure, codes), 'r1')).toEqual({
      type: '/docs/errors#project.name_taken',
      title: 'Another project has this name.',
      status: 409,
      code: 'project.name_taken',
      requestId: 'r1',
      allowed: ['b'],
    })
  })
})

describe('refusalHeaders', () => {
  test('challenge whoever is not authenticated', () => {
    expect(refusalHeaders(resolve(new Failure('auth.missing')))).toEqual({ 'www-authenticate': 'Bearer' })
    expect(refusalHeaders(resolve(new Failure('auth.expired')))).toEqual({
      'www-authenticate': 'Bearer error="invalid_token"',
    })
  })

  test('say when to come back, in whole seconds', () => {
    expect(refusalHeaders(resolve(new Failure('rate.limited', undefined, { retryAfter: 0.2 })))).toEqual({
      'retry-after': '1',
    })
  })
})
