import { describe, expect, test } from 'vitest'
import { MAX_BATCH } from '../../platform/http/trpc-calls.ts'
import { systemClock } from './clock.ts'
import { broken, createWorld, data, errorOf, type Seen } from './wire.testing.ts'

const options = { batch: true, auth: 'bearer', clock: systemClock, random: () => 0 }

/** Answers each call with the input that it came with. */
function echo({ batch, called, input }: Seen): Response {
  if (!batch) return data(input)
  const inputs = input as Record<string, unknown>
  return Response.json(called.split(',').map((_, nth) => ({ result: { data: inputs[nth] } })))
}

describe('calls of one tick', () => {
  test('go together, for each service by itself', async () => {
    const { client, seen } = createWorld(echo, { ...options, token: 'AQQB' })
    const calls = [
      client.tasks.byId.query({ id: '1' }),
      client.users.byId.query({ id: '2' }),
      client.tasks.byCode.query({ code: '3' }),
      client.users.me.query(),
    ]
    expect(await Promise.all(calls)).toEqual([{ id: '1' }, { id: '2' }, { code: '3' }, undefined])
    expect(seen.map(({ called }) => called).toSorted()).toEqual(['tasks.byId,tasks.byCode', 'users.byId,users.me'])
    for (const { headers } of seen) {
      expect([headers.get('authorization'), headers.get('consistency-token')]).toEqual(['Bearer bearer', 'AQQB'])
    }
  })

  test('are as many in one request as a server takes, and no longer than a URL may be', async () => {
    const { client, seen } = createWorld(echo, options)
    await Promise.all(Array.from({ length: 25 }, (_, nth) => client.tasks.byId.query({ id: `${nth}` })))
    expect(seen.map(({ called }) => called.split(',').length)).toEqual([MAX_BATCH, MAX_BATCH, 5])
    const long = { id: 'ё'.repeat(150) }
    expect(await Promise.all([client.tasks.byId.query(long), client.tasks.byId.query(long)])).toEqual([long, long])
    expect(seen.slice(3).map(({ batch }) => batch)).toEqual([false, false])
  })

  test('that change something go alone, each under its own key; so do look-ups that wait', async () => {
    const { client, seen } = createWorld(echo, options)
    await Promise.all([
      client.tasks.create.mutate({ projectId: 1, title: 'a' }),
      client.tasks.create.mutate({ projectId: 1, title: 'b' }),
      client.operations.byId.query({ id: 'x', wait: 5 }),
      client.operations.byId.query({ id: 'y', wait: 5 }),
    ])
    expect(seen.map(({ batch }) => batch)).toEqual([false, false, false, false])
    expect(new Set(seen.slice(0, 2).map(({ headers }) => headers.get('idempotency-key'))).size).toBe(2)
  })

  test('fail and are tried again each by itself', async () => {
    let failed = false
    const { client, seen } = createWorld((request) => {
      if (failed) return echo(request)
      failed = true
      const items = [{ result: { data: 'fine' } }, errorOf('task.not_found', 404), errorOf('store.unavailable', 503)]
      return Response.json(items, { status: 207 })
    }, options)
    const calls = ['1', '2', '3'].map((id) => client.tasks.byId.query({ id }))
    expect(await Promise.allSettled(calls)).toMatchObject([
      { value: 'fine' },
      { reason: { code: 'task.not_found', status: 404 } },
      { value: { id: '3' } },
    ])
    expect(seen.map(({ called }) => called)).toEqual(['tasks.byId,tasks.byId,tasks.byId', 'tasks.byId'])
  })

  test.each([
    ['that breaks', broken],
    ['that nobody understands', new Response('<html>', { status: 404 })],
    ['that has too few', Response.json([{ result: { data: 1 } }])],
  ])('name the request that they went with, after an answer %s', async (_, answer) => {
    const { client, seen } = createWorld(() => answer, { ...options, retries: 0 })
    const failed = await Promise.all(['1', '2'].map((id) => client.tasks.byId.query({ id }).catch((error) => error)))
    const sent = seen[0]!.headers.get('x-request-id')
    expect(failed.map(({ requestId }) => requestId)).toEqual([sent, sent])
    const code = answer instanceof Error ? 'client.network' : 'client.response'
    expect(failed.map((error) => error.code)).toEqual([code, code])
  })

  test('are refreshed once together', async () => {
    const { client, seen } = createWorld(
      (request) => {
        if (request.called === 'users.refresh') {
          return data({ access_token: 'new', token_type: 'Bearer', expires_in: 600, refresh_token: 'next' })
        }
        if (request.headers.get('authorization') === 'Bearer new') return echo(request)
        return Response.json(Array(2).fill(errorOf('auth.expired', 401)), { status: 401 })
      },
      { ...options, auth: { accessToken: 'old', refreshToken: 'one' } },
    )
    const calls = ['1', '2'].map((id) => client.tasks.byId.query({ id }))
    expect(await Promise.all(calls)).toEqual([{ id: '1' }, { id: '2' }])
    expect(seen.map(({ called }) => called)).toEqual([
      'tasks.byId,tasks.byId',
      'users.refresh',
      'tasks.byId,tasks.byId',
    ])
  })

  test('let go of one that is aborted, and keep the others', async () => {
    const { client } = createWorld(echo, options)
    const controller = new AbortController()
    const aborted = client.tasks.byId.query({ id: '1' }, { signal: controller.signal })
    const kept = client.tasks.byId.query({ id: '2' })
    controller.abort()
    await expect(aborted).rejects.toMatchObject({ code: 'client.aborted' })
    expect(await kept).toEqual({ id: '2' })
  })
})
