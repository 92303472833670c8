import { describe, expect, test } from 'vitest'
import type { Session } from './session.ts'
import { broken, createWorld, data, held, me, never, refused, rotating, type Seen, tokens } from './wire.testing.ts'

const credentials = { username: 'ann', password: 'correct horse battery' }
const bearers = (seen: readonly Seen[]) => seen.map(({ headers }) => headers.get('authorization'))
const names = (seen: readonly Seen[]) => seen.map(({ called }) => called)

describe('a login', () => {
  test('begins a session, which is told, shown, and used', async () => {
    const told: (Session | undefined)[] = []
    const { client, clock, seen } = createWorld(rotating(), {
      onSession: (session) => void told.push(session),
    })
    expect(client.session).toBeUndefined()
    const session = {
      accessToken: 'access-1',
      refreshToken: 'refresh-1',
      expiresAt: clock.now() + 600_000,
    }
    expect(await client.login(credentials)).toEqual(session)
    expect([client.session, told]).toEqual([session, [session]])
    expect(await client.users.me.query()).toEqual(me)
    expect(seen[0]).toMatchObject({ called: 'users.login', input: credentials })
    expect(bearers(seen)).toEqual([null, 'Bearer access-1'])
  })

  test('that is refused leaves things as they were', async () => {
    const { client } = createWorld(() => refused('credentials.wrong', 401), { auth: 'bearer' })
    await expect(client.login(credentials)).rejects.toMatchObject({ code: 'credentials.wrong' })
    expect(client.session).toEqual({ accessToken: 'bearer' })
  })

  test('takes the place of a session that has ended, without a word to it', async () => {
    const { client, seen } = createWorld(rotating(), {
      auth: { accessToken: 'old', refreshToken: 'used', expiresAt: 0 },
    })
    await client.login(credentials)
    expect(names(seen)).toEqual(['users.login'])
  })
})

describe('a refresh', () => {
  const kept = (clock = Date.UTC(2030, 0, 1)): Session => ({
    accessToken: 'access-0',
    refreshToken: 'refresh-0',
    expiresAt: clock + 600_000,
  })

  test('comes before the token expires, once for all calls that are made meanwhile', async () => {
    const slow = held()
    const told: unknown[] = []
    const { client, clock, seen } = createWorld(({ called }) => (called === 'users.refresh' ? slow.answer : data(me)), {
      auth: kept(),
      onSession: (session) => void told.push(session?.refreshToken),
    })
    await clock.pass(570_000)
    await client.users.me.query()
    await clock.pass(1)
    const calls = Array.from({ length: 20 }, () => client.users.me.query())
    await clock.pass(10)
    expect(names(seen)).toEqual(['users.me', 'users.refresh'])
    slow.give(data(tokens(1)))
    await Promise.all(calls)
    expect(bearers(seen).slice(2)).toEqual(Array(20).fill('Bearer access-1'))
    expect(told).toEqual(['refresh-1'])
  })

  test('comes after a 401, once for all that met one, and each is called once more', async () => {
    const { client, seen } = createWorld(rotating(), { auth: kept() })
    const calls = [1, 2, 3, 4].map(() => client.users.me.query())
    expect(await Promise.all(calls)).toEqual(Array(4).fill(me))
    expect(names(seen).filter((name) => name === 'users.refresh')).toHaveLength(1)
    expect(bearers(seen).slice(-4)).toEqual(Array(4).fill('Bearer access-1'))
  })

  test('is not asked for by a late 401 that an earlier one has answered already', async () => {
    const slow = held()
    const server = rotating()
    const { client, seen } = createWorld((request, nth) => (nth === 1 ? slow.answer : server(request)), {
      auth: kept(),
    })
    const late = client.users.me.query()
    await client.users.me.query()
    slow.give(refused('auth.expired', 401))
    expect(await late).toEqual(me)
    expect(names(seen).filter((name) => name === 'users.refresh')).toHaveLength(1)
  })

  test('helps once: a server that goes on refusing is believed', async () => {
    const { client, seen } = createWorld(
      ({ called }) => (called === 'users.refresh' ? data(tokens(1)) : refused('auth.invalid', 401)),
      { auth: kept() },
    )
    await expect(client.users.me.query()).rejects.toMatchObject({ code: 'auth.invalid', status: 401 })
    expect(names(seen)).toEqual(['users.me', 'users.refresh', 'users.me'])
  })

  test('that is refused ends the session: it is told, and the next call goes without one', async () => {
    const told: unknown[] = []
    const { client, seen } = createWorld(
      ({ called, headers }) =>
        called === 'users.refresh'
          ? refused('session.invalid', 401)
          : refused(headers.has('authorization') ? 'auth.expired' : 'auth.missing', 401),
      { auth: kept(), onSession: (session) => void told.push(session) },
    )
    const calls = await Promise.allSettled([client.users.me.query(), client.users.me.query()])
    expect(calls.map((call) => call.status === 'rejected' && call.reason.code)).toEqual([
      'auth.revoked',
      'auth.revoked',
    ])
    expect([client.session, told]).toEqual([undefined, [undefined]])
    await expect(client.users.me.query()).rejects.toMatchObject({ code: 'auth.missing' })
    expect(names(seen).filter((name) => name === 'users.refresh')).toHaveLength(1)
  })

  test('whose answer is lost is tried again at once, and a call does without while its token lasts', async () => {
    const { client, clock, seen } = createWorld(({ called }) => (called === 'users.refresh' ? broken : data(me)), {
      auth: kept(),
    })
    await clock.pass(580_000)
    const early = client.users.me.query()
    await clock.pass(10_000)
    expect(await early).toEqual(me)
    expect(names(seen)).toEqual([...Array(5).fill('users.refresh'), 'users.me'])
    await clock.pass(10_000)
    const late = expect(client.users.me.query()).rejects.toMatchObject({ code: 'client.network' })
    await clock.pass(10_000)
    await late
    expect(client.session).toEqual(kept())
  })

  test('that hangs is tried again while the server still knows the repeat for one', async () => {
    const { client, clock, seen } = createWorld(
      ({ called }, nth) => (called === 'users.refresh' ? (nth === 1 ? never : data(tokens(1))) : data(me)),
      { auth: { ...kept(), expiresAt: 0 } },
    )
    const call = client.users.me.query()
    await clock.pass(3_050)
    await call
    expect(names(seen)).toEqual(['users.refresh', 'users.refresh', 'users.me'])
  })

  test('goes on when the call that wanted it is aborted: its answer is the session', async () => {
    const slow = held()
    const { client, clock, seen } = createWorld(({ called }) => (called === 'users.refresh' ? slow.answer : data(me)), {
      auth: { ...kept(), expiresAt: 0 },
    })
    const controller = new AbortController()
    const aborted = expect(client.users.me.query({}, { signal: controller.signal })).rejects.toMatchObject({
      code: 'client.aborted',
    })
    await clock.pass(1)
    controller.abort()
    await aborted
    expect(seen[0]!.signal?.aborted).toBe(false)
    slow.give(data(tokens(1)))
    await clock.pass(1)
    expect(client.session).toMatchObject({ refreshToken: 'refresh-1' })
  })

  test('that ends after another login does not undo it', async () => {
    const slow = held()
    const { client, clock } = createWorld(
      ({ called }) => (called === 'users.refresh' ? slow.answer : data(called === 'users.login' ? tokens(7) : me)),
      { auth: { ...kept(), expiresAt: 0 } },
    )
    const call = client.users.me.query()
    await clock.pass(1)
    await client.login(credentials)
    slow.give(data(tokens(1)))
    await call
    expect(client.session).toMatchObject({ refreshToken: 'refresh-7' })
  })

  test('waits for its token to be kept before anybody uses it', async () => {
    let keep: () => void = () => undefined
    const keeping = new Promise<void>((resolve) => {
      keep = resolve
    })
    const { client, clock, seen } = createWorld(({ called }) => data(called === 'users.refresh' ? tokens(1) : me), {
      auth: { ...kept(), expiresAt: 0 },
      onSession: () => keeping,
    })
    const call = client.users.me.query()
    await clock.pass(10)
    expect(names(seen)).toEqual(['users.refresh'])
    keep()
    await call
  })
})

describe('a session that is kept nowhere', () => {
  test('is none, as JSON has it', async () => {
    const { client, seen } = createWorld(rotating(), { auth: JSON.parse('null') })
    expect(client.session).toBeUndefined()
    await client.login(credentials)
    expect(await client.users.me.query()).toEqual(me)
    expect(bearers(seen)).toEqual([null, 'Bearer access-1'])
  })
})

describe('a logout', () => {
  test('ends the session on both sides', async () => {
    const { client, seen } = createWorld(() => data(null), { auth: 'bearer' })
    await client.logout()
    await client.logout()
    expect([client.session, bearers(seen)]).toEqual([undefined, ['Bearer bearer']])
  })

  test('of a session that has ended is none', async () => {
    const { client } = createWorld(() => refused('auth.revoked', 401), { auth: 'bearer' })
    await client.logout()
    expect(client.session).toBeUndefined()
  })

  test('that the server does not hear of ends it here, and says so', async () => {
    const { client } = createWorld(() => broken, { auth: 'bearer', retries: 0 })
    await expect(client.logout()).rejects.toMatchObject({ code: 'client.network' })
    expect(client.session).toBeUndefined()
  })
})

describe('a token', () => {
  test('alone is used as long as it lasts', async () => {
    const { client, seen } = createWorld(() => refused('auth.expired', 401), { auth: 'bearer' })
    await expect(client.users.me.query()).rejects.toMatchObject({ code: 'auth.expired' })
    expect(seen).toHaveLength(1)
  })

  test('may be somebody else’s to look after: he is asked for each call, and again for one that is refused', async () => {
    const asked: (string | undefined)[] = []
    const { client, seen } = createWorld(
      ({ headers }) => (headers.get('authorization') === 'Bearer new' ? data(me) : refused('auth.expired', 401)),
      {
        auth: async (refused) => {
          asked.push(refused)
          return asked.includes('old') ? 'new' : 'old'
        },
      },
    )
    expect(await client.users.me.query()).toEqual(me)
    expect(asked).toEqual([undefined, 'old', undefined])
    expect(bearers(seen)).toEqual(['Bearer old', 'Bearer new'])
    expect(client.session).toBeUndefined()
  })
})
