import { TRPCError } from '@trpc/server'
import { expect, test } from 'vitest'
import { contextOf } from '../http/testing/context.testing.ts'
import { t } from './trpc.ts'

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
