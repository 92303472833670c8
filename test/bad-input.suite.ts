import { Buffer } from 'node:buffer'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Call, inputs, requests } from './bad-input/cases.ts'
import { openForge } from './system/forge.ts'
import { type Person, unique } from './system/people.ts'
import type { Answer } from './system/rest.ts'
import type { StartSystem, System } from './system.ts'

export interface Between {
  /**
   * Before two instances of each service. Refuses by itself what it cannot read, in few words, and may cut off who goes on
   * sending what is too large.
   */
  gateway?: boolean
}

/** What is refused, and in which words: the same over both faces. @param between the callers and the services */
export function badInputSuite(start: StartSystem, { gateway = false }: Between = {}): void {
  let system: System
  let ann: Person
  beforeAll(async () => {
    system = await start()
    ann = await system.people.join('ann')
  })
  afterAll(() => system?.stop())

  const send = ({ method, path, ...asked }: Call, person: Pick<Person, 'ask'> = ann) => person.ask(method, path, asked)

  function expectProblem(answer: Answer, status: number, code: string): void {
    expect(answer).toMatchObject({
      status,
      body: { status, code, title: expect.any(String), type: `/docs/errors#${code}` },
    })
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(answer.body).toHaveProperty('requestId', answer.headers.get('x-request-id'))
    expectNoLeak(answer)
  }

  function expectTrpcError(answer: Answer, status: number, code: string): void {
    const error = { message: expect.any(String), data: { reason: code, httpStatus: status } }
    expect(answer).toMatchObject({ status, body: { error } })
    expect(answer.headers.get('content-type')).toBe('application/json')
    expectNoLeak(answer)
  }

  /** Nothing of the inside. */
  const expectNoLeak = ({ body }: Answer) =>
    expect(JSON.stringify(body)).not.toMatch(/stack|SELECT|node_modules|\.ts\b|postgres|Mongo|Zod|TRPCError/)

  describe.each([
    ['in what is sent', inputs],
    ['in how it is sent', requests],
  ])('%s', (_, cases) => {
    test.each(cases)('$what is $status $code', async ({ rest, trpc, status, code, unreadable }) => {
      if (rest && unreadable && gateway) expect((await send(rest)).status).toBe(status)
      else if (rest) expectProblem(await send(rest), status, code)
      if (trpc) expectTrpcError(await send(trpc), status, code)
    })
  })

  test('none of it has done anything', async () => {
    expect((await ann.over('REST').projects.list({})).items).toEqual([])
    expect((await ann.over('REST').documents.list({})).items).toEqual([])
    expect({}).not.toHaveProperty('polluted')
  })

  test('a great many faults are answered with a few of them, and their number', async () => {
    const body = Object.fromEntries(Array.from({ length: 3000 }, (_, nth) => [`unknown${nth}`, nth]))
    const rest = await ann.ask<{ issues: unknown[]; moreIssues: number }>('POST', '/projects', { body })
    expect([rest.body.issues.length, rest.body.moreIssues]).toEqual([20, 2981]) // and no name
    const trpc = await ann.ask('POST', '/trpc/projects.create', { body })
    expect(trpc.body).toMatchObject({ error: { data: { moreIssues: 2981 } } })
    expect(JSON.stringify(trpc.body).length).toBeLessThan(4000)
  })

  test('a method that is not taken is told which are', async () => {
    const { headers } = await ann.ask('PUT', '/projects', { body: {} })
    expect(headers.get('allow')?.split(', ')).toEqual(expect.arrayContaining(['GET', 'HEAD', 'POST', 'OPTIONS']))
    const options = await ann.ask('OPTIONS', '/projects')
    expect([options.status, options.headers.get('allow')]).toEqual([204, headers.get('allow')])
  })

  test('a body that does not say how large it is, is counted', async () => {
    const chunk = new TextEncoder().encode('x'.repeat(16 * 1024))
    const headers = { 'content-type': 'application/json' }
    const answerTo = (path: string) => {
      let left = gateway ? 64 : Number.POSITIVE_INFINITY
      const raw = new ReadableStream<Uint8Array>({
        pull: (controller) => (left-- > 0 ? controller.enqueue(chunk) : controller.close()),
      })
      return send({ method: 'POST', path, raw, headers }).catch((error: unknown) => {
        if (!gateway) throw error
      })
    }
    const rest = await answerTo('/projects')
    if (rest) expectProblem(rest, 413, 'input.too_large')
    const trpc = await answerTo('/trpc/projects.create')
    if (trpc) expectTrpcError(trpc, 413, 'input.too_large')
    expect((await ann.ask('GET', '/projects')).status).toBe(200)
  })

  test('a cursor of another list', async () => {
    const { projects } = ann.over('REST')
    const { id } = await projects.create({ name: unique('one') })
    await projects.create({ name: unique('two') })
    const { nextCursor: cursor } = await projects.list({ limit: 1 })
    const list = (query: object) => new URLSearchParams({ cursor: cursor!, ...query }).toString()
    expect((await ann.ask('GET', `/projects?${list({})}`)).status).toBe(200)
    for (const path of [`/projects?${list({ sort: 'name' })}`, `/projects?${list({ q: 'o*' })}`]) {
      expectProblem(await ann.ask('GET', path), 400, 'input.cursor')
    }
    expectProblem(await ann.ask('GET', `/tasks?${list({ projectId: id })}`), 400, 'input.cursor')
    expectProblem(await ann.ask('GET', `/users?${list({})}`), 400, 'input.cursor')
    await expect(ann.over('tRPC').projects.list({ cursor: cursor!, sort: 'name' })).rejects.toMatchObject({
      status: 400,
      code: 'input.cursor',
    })
  })

  describe('a token', () => {
    let forged: Record<string, string>
    beforeAll(async () => {
      const forge = await system.database((sql) => openForge(sql))
      const now = Math.floor(Date.now() / 1000)
      const [header, payload, signature] = ann.token.split('.') as [string, string, string]
      const admin = { ...JSON.parse(Buffer.from(payload, 'base64url').toString()), role: 'admin' }
      forged = {
        'as it should be': await forge.sign(ann),
        'that has expired': await forge.sign(ann, { claims: { iat: now - 700, exp: now - 100 } }),
        'that says more than was signed': [
          header,
          Buffer.from(JSON.stringify(admin)).toString('base64url'),
          signature,
        ].join('.'),
        'without a signature': forge.unsigned(ann),
        'with its signature cut off': `${header}.${payload}.`,
        'with spare bits in its signature': `${header}.${payload}.${withSpareBits(signature)}`,
        'signed with another key': await forge.sign(ann, { otherKey: true }),
        'of an unknown key': await forge.sign(ann, { kid: 'unknown' }),
        'for another audience': await forge.sign(ann, { claims: { aud: 'somebody else' } }),
        'of another issuer': await forge.sign(ann, { claims: { iss: 'somebody else' } }),
        'of another type': await forge.sign(ann, { typ: 'JWT' }),
        'that is not valid yet': await forge.sign(ann, { claims: { nbf: now + 600 } }),
        'of no user': await forge.sign(ann, { claims: { sub: 'nobody' } }),
        'of a role that is none': await forge.sign(ann, { claims: { role: 'owner' } }),
        'that is none': 'nonsense',
        'that is very long': 'x'.repeat(10_000),
      }
    })
    const withToken = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })

    test('as it should be is taken', async () => {
      const answer = await system.people.stranger.ask('GET', '/users/me', withToken(forged['as it should be']!))
      expect(answer).toMatchObject({ status: 200, body: { id: ann.id } })
    })

    test.each([
      ['that has expired', 'auth.expired'],
      ['that says more than was signed', 'auth.invalid'],
      ['without a signature', 'auth.invalid'],
      ['with its signature cut off', 'auth.invalid'],
      ['with spare bits in its signature', 'auth.invalid'],
      ['signed with another key', 'auth.invalid'],
      ['of an unknown key', 'auth.invalid'],
      ['for another audience', 'auth.invalid'],
      ['of another issuer', 'auth.invalid'],
      ['of another type', 'auth.invalid'],
      ['that is not valid yet', 'auth.invalid'],
      ['of no user', 'auth.invalid'],
      ['of a role that is none', 'auth.invalid'],
      ['that is none', 'auth.invalid'],
      ['that is very long', 'auth.invalid'],
    ])('%s is 401 %s', async (what, code) => {
      const { stranger } = system.people
      const rest = await stranger.ask('GET', '/users/me', withToken(forged[what]!))
      expectProblem(rest, 401, code)
      expect(rest.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"')
      expectTrpcError(await stranger.ask('GET', '/trpc/users.me', withToken(forged[what]!)), 401, code)
    })

    test('with a space or a tab in it is none', async () => {
      const good = forged['as it should be']!
      for (const mark of [' ', '\t']) {
        const asked = withToken(good.slice(0, -9) + mark + good.slice(-9))
        expectProblem(await system.people.stranger.ask('GET', '/users/me', asked), 401, 'auth.missing')
      }
    })

    test.each(['', 'Basic Og==', 'Bearer', 'Token abc', 'Bearer a b'])('is missing in "%s"', async (authorization) => {
      const { stranger } = system.people
      const rest = await stranger.ask('GET', '/users/me', { headers: { authorization } })
      expectProblem(rest, 401, 'auth.missing')
      expect(rest.headers.get('www-authenticate')).toBe('Bearer')
      expectTrpcError(await stranger.ask('GET', '/trpc/users.me', { headers: { authorization } }), 401, 'auth.missing')
    })
  })

  test('POST /token takes what OAuth2 clients send, and says what is wrong', async () => {
    const { stranger } = system.people
    const token = (fields: Record<string, string>, headers = {}) =>
      stranger.ask('POST', '/token', { raw: new URLSearchParams(fields), headers })
    const { username, password } = ann
    const full = { grant_type: 'password', username, password, scope: '', client_id: '', client_secret: '' }
    expect(await token(full, { authorization: 'Basic Og==' })).toMatchObject({
      status: 200,
      body: {
        access_token: expect.any(String),
        token_type: 'Bearer',
        expires_in: 600,
        refresh_token: expect.any(String),
      },
    })
    expect((await token({ username, password })).headers.get('cache-control')).toBe('no-store')
    const others = { ...full, grant_type: '', audience: 'x', resource: 'https://api.example.com' }
    expect(await token(others)).toMatchObject({ status: 200 })
    expectProblem(await token({ username, password: 'wrong' }), 401, 'credentials.wrong')
    expectProblem(await token({ username }), 400, 'input.invalid')
    expectProblem(await token({ ...full, grant_type: 'implicit' }), 400, 'input.invalid')
    expectProblem(await stranger.ask('POST', '/token', { body: { username, password } }), 415, 'input.media_type')
  })

  // One after another, as all at once would wait for each other. Each minute gives one try back, and of two instances each
  // counts for itself.
  test('too many wrong passwords for one account are 429 with Retry-After', { timeout: 300_000 }, async () => {
    const eve = await system.people.join('eve')
    const login = (password: string) =>
      system.people.stranger.ask('POST', '/token', { raw: new URLSearchParams({ username: eve.username, password }) })
    let limited = await login('wrong')
    for (let tries = 1; limited.status === 401 && tries < 40; tries++) limited = await login('wrong')
    expectProblem(limited, 429, 'rate.limited')
    expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0)
  })
}

/** The same bytes in another text: an Ed25519 signature leaves four bits of its last character without a meaning. */
function withSpareBits(signature: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return signature.slice(0, -1) + alphabet[alphabet.indexOf(signature.at(-1)!) | 1]
}
