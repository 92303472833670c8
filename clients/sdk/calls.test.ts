import { describe, expect, test } from 'vitest'
import type { Retry } from './options.ts'
import { broken, createWorld, data, errorOf, never, refused } from './wire.testing.ts'

const task = { id: '01981ee4-7c52-7e30-8c74-5b2e0b5b8c33', version: 1, code: 'APOLLO-1', title: 'Fuel' }
const input = { projectId: 'APOLLO', title: 'Fuel' }

describe('a call', () => {
  test('is what tRPC sends, with what makes it safe', async () => {
    const { client, seen } = createWorld(() => data(task), {
      auth: 'bearer',
      token: 'AQQB',
      headers: { traceparent: '00-1-1-01' },
    })
    expect(await client.tasks.byId.query({ id: 'APOLLO-1' })).toEqual(task)
    expect(await client.tasks.create.mutate(input)).toEqual(task)
    expect(seen.map(({ called, method, input }) => [called, method, input])).toEqual([
      ['tasks.byId', 'GET', { id: 'APOLLO-1' }],
      ['tasks.create', 'POST', input],
    ])
    expect(Object.fromEntries(seen[1]!.headers)).toEqual({
      'content-type': 'application/json',
      authorization: 'Bearer bearer',
      traceparent: '00-1-1-01',
      'consistency-token': 'AQQB',
      'idempotency-key': expect.stringMatching(/^[\da-f-]{36}$/),
      'x-request-id': expect.stringMatching(/^[\da-f-]{36}$/),
      prefer: 'wait=10',
    })
  })

  test('goes where the url says, below a path too, with or without a slash', async () => {
    const urls: string[] = []
    const fetch = async (url: string | URL | Request) => {
      urls.push(String(url))
      return data(task)
    }
    for (const url of ['https://a.test/api/', 'https://a.test/api', new URL('https://a.test')]) {
      await createWorld(() => broken, { url, fetch }).client.users.me.query()
    }
    expect(urls).toEqual([
      'https://a.test/api/trpc/users.me',
      'https://a.test/api/trpc/users.me',
      'https://a.test/trpc/users.me',
    ])
  })

  test('throws what was refused, with all that was told', async () => {
    const issues = [{ path: ['labels', 0], message: 'too long' }]
    const told = { issues, requestId: 'r-1', retryAfter: 3, allowed: ['todo'] }
    const { client } = createWorld(() => refused('input.invalid', 400, told))
    await expect(client.tasks.create.mutate(input)).rejects.toMatchObject({
      name: 'TrefoilError',
      message: 'About input.invalid. · labels.0: too long',
      ...{ code: 'input.invalid', status: 400, procedure: 'tasks.create', requestId: 'r-1', retryAfter: 3, issues },
      extra: { allowed: ['todo'] },
    })
  })

  test('of an open procedure takes no token along', async () => {
    const { client, seen } = createWorld(() => data({ id: 'x' }), { auth: 'bearer' })
    await client.users.register.mutate({ username: 'ann', email: 'ann@example.com', password: 'x'.repeat(12) })
    expect(seen[0]!.headers.has('authorization')).toBe(false)
  })
})

describe('a retry', () => {
  test('comes after what the server asks for and some chance, under the same key and request id', async () => {
    const retries: Retry[] = []
    const answers = [broken, refused('log.unknown', 503, { retryAfter: 2 }), new Response('<html>', { status: 502 })]
    const { client, clock, seen } = createWorld((_, nth) => answers[nth - 1] ?? data(task), {
      onRetry: (retry) => retries.push(retry),
    })
    const created = client.tasks.create.mutate(input)
    await clock.pass(60_000)
    expect(await created).toEqual(task)
    expect(retries.map(({ procedure, attempt, pause, error }) => [procedure, attempt, pause, error.code])).toEqual([
      ['tasks.create', 1, 50, 'client.network'],
      ['tasks.create', 2, 2100, 'log.unknown'],
      ['tasks.create', 3, 200, 'client.response'],
    ])
    for (const name of ['idempotency-key', 'x-request-id']) {
      expect(new Set(seen.map(({ headers }) => headers.get(name))).size).toBe(1)
    }
  })

  test('comes so often and no oftener; then the last error is thrown', async () => {
    const { client, clock, seen } = createWorld(() => broken, { retries: 2 })
    const failed = expect(client.tasks.byId.query({ id: 'a' })).rejects.toMatchObject({
      code: 'client.network',
      cause: broken,
      requestId: expect.any(String),
    })
    await clock.pass(60_000)
    await failed
    expect(seen).toHaveLength(3)
  })

  test('does not begin where it could not be answered in time', async () => {
    const { client, seen } = createWorld(() => refused('rate.limited', 429, { retryAfter: 60 }))
    await expect(client.tasks.byId.query({ id: 'a' })).rejects.toMatchObject({ code: 'rate.limited', retryAfter: 60 })
    expect(seen).toHaveLength(1)
  })

  test.each<[string, BodyInit, Record<string, string>]>([
    ['in seconds', 'busy', { 'retry-after': '5' }],
    ['as a date', 'busy', { 'retry-after': 'Tue, 01 Jan 2030 00:00:05 GMT' }],
    ['beside a refusal that does not say it', JSON.stringify(errorOf('internal', 503)), { 'retry-after': '5' }],
  ])('honours Retry-After of whoever stands between, %s', async (_, body, headers) => {
    const gateway = new Response(body, { status: 503, headers })
    const { client, clock, seen } = createWorld((_, nth) => (nth === 1 ? gateway : data(task)))
    const read = client.tasks.byId.query({ id: 'a' })
    await clock.pass(5049)
    expect(seen).toHaveLength(1)
    await clock.pass(1)
    expect(await read).toEqual(task)
  })

  test('follows an attempt that nothing comes of', async () => {
    const { client, clock, seen } = createWorld((_, nth) => (nth === 1 ? never : data(task)))
    const read = client.tasks.byId.query({ id: 'a' })
    await clock.pass(12_050)
    expect(await read).toEqual(task)
    expect(seen[0]!.signal?.aborted).toBe(true)
  })

  test('is not made of a change that no key guards, unless it was refused at the door', async () => {
    const answers = [refused('service.starting', 503, { retryAfter: 1 }), broken]
    const { client, clock, seen } = createWorld((_, nth) => answers[nth - 1] ?? data(null))
    const changing = { password: 'old', newPassword: 'a longer battery staple' }
    const failed = expect(client.users.changePassword.mutate(changing)).rejects.toMatchObject({
      code: 'client.network',
    })
    await clock.pass(60_000)
    await failed
    expect(seen).toHaveLength(2)
    expect(seen[0]!.headers.has('idempotency-key')).toBe(false)
  })

  test.each(['task.illegal_move', 'input.invalid', 'auth.missing', 'internal'])(
    'is not made after %s',
    async (code) => {
      const { client, seen } = createWorld(() => refused(code, 400))
      await expect(client.tasks.move.mutate({ id: 'a', state: 'todo' })).rejects.toMatchObject({ code })
      expect(seen).toHaveLength(1)
    },
  )

  test.each([
    ['{"hello":1}', 200],
    ['null', 200],
    ['<html>', 404],
    ['{"error":"Forbidden"}', 403],
    ['{"error":{"message":"Not found","code":404}}', 404],
    ['{"error":null}', 401],
    ['{"result":1}', 200],
    ['{"result":{"ok":true}}', 200],
    ['[]', 200],
  ])('is not made of an answer that nobody understands: %s', async (body, status) => {
    const { client, seen } = createWorld(() => new Response(body, { status }))
    await expect(client.users.me.query()).rejects.toMatchObject({ code: 'client.response', status })
    expect(seen).toHaveLength(1)
  })
})

describe('a key', () => {
  test('is new for each call, or the caller’s own', async () => {
    const { client, seen } = createWorld(() => data(task))
    await client.tasks.create.mutate(input)
    await client.tasks.create.mutate(input)
    await client.tasks.create.mutate(input, { idempotencyKey: 'mine' })
    await client.tasks.create.send(input, { idempotencyKey: 'mine' })
    const keys = seen.map(({ headers }) => headers.get('idempotency-key'))
    expect(keys[0]).not.toBe(keys[1])
    expect(keys.slice(2)).toEqual(['mine', 'mine'])
  })
})

describe('time', () => {
  test('is up for a call as a whole, whatever it is about; a change says how to repeat it', async () => {
    const { client, clock } = createWorld((_, nth) => (nth === 1 ? broken : never), { timeout: 500 })
    const failed = expect(client.tasks.create.mutate(input)).rejects.toMatchObject({
      ...{ code: 'client.timeout', status: undefined, requestId: expect.any(String) },
      message: expect.stringContaining('same idempotency key'),
      cause: expect.objectContaining({ name: 'TimeoutError' }),
    })
    await clock.pass(500)
    await failed
    expect(clock.sleepers).toBe(0)
  })

  test('of a call may be its own', async () => {
    const { client, clock } = createWorld(() => never)
    const failed = expect(client.users.me.query({}, { timeout: 50 })).rejects.toMatchObject({ code: 'client.timeout' })
    await clock.pass(50)
    await failed
  })

  test('that a server is asked to wait leaves it room to answer', async () => {
    const { client, seen } = createWorld(() => data(task))
    for (const timeout of [100_000, 4000, 400]) await client.tasks.create.mutate(input, { timeout })
    expect(seen.map(({ headers }) => headers.get('prefer'))).toEqual(['wait=10', 'wait=3', 'wait=0'])
  })

  test('ends with the signal, in an attempt, in a pause, and before anything is sent', async () => {
    for (const answer of [() => never, () => broken]) {
      const { client, clock, seen } = createWorld(answer)
      const controller = new AbortController()
      const failed = expect(client.users.me.query({}, { signal: controller.signal })).rejects.toMatchObject({
        code: 'client.aborted',
        cause: 'enough',
      })
      await clock.pass(10)
      controller.abort('enough')
      await failed
      expect([seen.length, clock.sleepers]).toEqual([1, 0])
      await expect(client.users.me.query({}, { signal: controller.signal })).rejects.toMatchObject({
        code: 'client.aborted',
      })
      expect(seen).toHaveLength(1)
    }
  })

  test('that is over before a call begins is not spent on a refresh', async () => {
    const { client, seen } = createWorld(() => broken, { auth: { accessToken: 'a', refreshToken: 'r', expiresAt: 0 } })
    const late = client.users.me.query({}, { signal: AbortSignal.abort() })
    await expect(late).rejects.toMatchObject({ code: 'client.aborted' })
    expect(seen).toHaveLength(0)
  })
})
