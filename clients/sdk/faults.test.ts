import { afterEach, describe, expect, test, vi } from 'vitest'
import { systemClock } from './clock.ts'
import type { ClientOptions } from './options.ts'
import { safe } from './safe.ts'
import { broken, createWorld, data, tokens } from './wire.testing.ts'

const fault = new RangeError('one’s own fault')

describe('a fault of the caller is thrown as it is, and nothing is sent', () => {
  test.each<[string, Partial<ClientOptions>]>([
    [
      'headers that throw',
      {
        headers: () => {
          throw fault
        },
      },
    ],
    ['a header that is not ASCII', { headers: { 'x-who': 'Аня' } }],
    ['a header without a name', { headers: { '': 'x' } }],
    ['a token that is no header', { auth: 'токен' }],
    ['a token of what was seen that is no header', { token: 'нет' }],
    [
      'a provider that throws',
      {
        auth: () => {
          throw fault
        },
      },
    ],
  ])('%s', async (_, options) => {
    for (const batch of [false, true]) {
      const { client, seen } = createWorld(() => broken, { batch, clock: systemClock, ...options })
      const thrown: unknown = await safe(client.users.me.query()).catch((error: unknown) => error)
      expect(thrown === fault || thrown instanceof TypeError, String(thrown)).toBe(true)
      expect(seen).toHaveLength(0)
    }
  })

  test('an input that is no JSON', async () => {
    const { client, seen } = createWorld(() => broken)
    const data: Record<string, unknown> = { many: 1n }
    await expect(client.documents.create.mutate({ data })).rejects.toThrow(TypeError)
    data.many = data
    await expect(client.documents.create.mutate({ data })).rejects.toThrow(TypeError)
    expect(seen).toHaveLength(0)
  })

  test.each(['', 'заказ-1', 'x'.repeat(201), 'a\nb'])('a key that is none: %j', async (idempotencyKey) => {
    const { client, seen } = createWorld(() => broken)
    for (const method of ['mutate', 'send'] as const) {
      const changed = client.documents.create[method]({ data: {} }, { idempotencyKey })
      await expect(changed).rejects.toMatchObject({
        ...{ name: 'TrefoilError', code: 'idempotency.invalid', procedure: 'documents.create', idempotencyKey },
        message: expect.stringContaining('printable ASCII'),
      })
    }
    expect(seen).toHaveLength(0)
  })

  test('a login where a function gives the tokens: it would change nothing', async () => {
    const { client, seen } = createWorld(() => data(tokens(1)), { auth: () => 'bearer' })
    await expect(client.login({ username: 'ann', password: 'x' })).rejects.toThrow(TypeError)
    expect(seen).toHaveLength(0)
  })
})

describe('a url', () => {
  afterEach(() => vi.unstubAllGlobals())
  const at = (url: string) => () => createWorld(() => broken, { url })

  test.each(['nonsense', '/api', '', 'localhost:8000', 'ftp://a.test', 'https://ann:secret@a.test'])(
    'is none of Trefoil’s: %s',
    (url) => {
      expect(at(url)).toThrow(TypeError)
    },
  )

  test('in a page is where the page is, if it says no more', async () => {
    vi.stubGlobal('location', { href: 'https://app.test/board/7?x#y' })
    const urls: string[] = []
    const fetch = async (url: string | URL | Request) => {
      urls.push(String(url))
      return data(null)
    }
    for (const url of ['/api', '/', 'https://a.test', '/api?left=1#out']) {
      await createWorld(() => broken, { url, fetch }).client.users.me.query()
    }
    expect(urls).toEqual([
      'https://app.test/api/trpc/users.me',
      'https://app.test/trpc/users.me',
      'https://a.test/trpc/users.me',
      'https://app.test/api/trpc/users.me',
    ])
    expect(at('localhost:8000')).toThrow('http')
  })
})

test('a client as text holds no secret', () => {
  const { client } = createWorld(() => broken, { auth: { accessToken: 'secret', refreshToken: 'secret' } })
  expect(JSON.stringify(client)).not.toContain('secret')
  expect({ ...client }).not.toHaveProperty('session')
  expect(client.session).toMatchObject({ refreshToken: 'secret' })
})
