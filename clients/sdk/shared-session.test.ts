import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Session, SessionStore } from './session.ts'
import {
  type Answer,
  broken,
  createWorld,
  data,
  held,
  me,
  refused,
  rotating,
  type Seen,
  tokens,
} from './wire.testing.ts'

const credentials = { username: 'ann', password: 'correct horse battery' }
const names = (seen: readonly Seen[]) => seen.map(({ called }) => called)
const refreshes = (...worlds: readonly { seen: readonly Seen[] }[]) =>
  worlds.flatMap(({ seen }) => names(seen)).filter((name) => name === 'users.refresh').length

const expired: Session = { accessToken: 'access-0', refreshToken: 'refresh-0', expiresAt: 0 }

/** A store as text, as that of a browser. */
function createStore(first?: Session) {
  let text = JSON.stringify(first ?? null)
  return {
    load: async (): Promise<Session | null> => JSON.parse(text),
    save: async (session: Session | undefined) => {
      text = JSON.stringify(session ?? null)
    },
  } satisfies SessionStore
}

/** Two clients, of two tabs, that share a session and a server. */
function createTabs(answer: (request: Seen) => Answer, store: SessionStore = createStore(expired)) {
  const open = () => createWorld(answer, { auth: store })
  return { store, one: open(), other: open() }
}

describe('two tabs that share a session', () => {
  afterEach(() => vi.unstubAllGlobals())

  test('go on with what either has refreshed, and never send a refresh token twice', async () => {
    const { one, other, store } = createTabs(rotating())
    for (let nth = 1; nth <= 3; nth++) {
      expect(await one.client.users.me.query()).toEqual(me)
      expect(await other.client.users.me.query()).toEqual(me)
      expect(other.client.session).toEqual(one.client.session)
      expect(refreshes(one, other)).toBe(nth)
      await store.save({ ...(await store.load())!, expiresAt: 0 })
    }
  })

  test('ask what there is after a 401, before they refresh', async () => {
    const { one, other } = createTabs(rotating(), createStore({ ...expired, expiresAt: undefined }))
    expect(await one.client.users.me.query()).toEqual(me)
    expect(await other.client.users.me.query()).toEqual(me)
    expect(refreshes(one, other)).toBe(1)
  })

  test('refresh one after the other, where there are locks', async () => {
    vi.stubGlobal('navigator', { locks: createLocks() })
    const slow = held()
    const { one, other } = createTabs((request) => (request.called === 'users.refresh' ? slow.answer : data(me)))
    const calls = [one, other].map(({ client }) => client.users.me.query())
    await expect.poll(() => refreshes(one, other)).toBe(1)
    slow.give(data(tokens(1)))
    expect(await Promise.all(calls)).toEqual([me, me])
    expect(refreshes(one, other)).toBe(1)
    expect(other.client.session).toEqual(one.client.session)
  })

  test('that refresh at once, where there are none, go on with the one that was kept', async () => {
    vi.stubGlobal('navigator', undefined)
    const slow = held()
    let refreshed = 0
    const { one, other, store } = createTabs(({ called, headers }) => {
      if (called !== 'users.refresh') return headers.get('authorization') === 'Bearer access-1' ? data(me) : broken
      return refreshed++ === 0 ? data(tokens(1)) : slow.answer
    })
    const calls = [one, other].map(({ client }) => client.users.me.query())
    await expect.poll(async () => (await store.load())?.refreshToken).toBe('refresh-1')
    slow.give(refused('session.invalid', 401))
    expect(await Promise.all(calls)).toEqual([me, me])
    expect(refreshes(one, other)).toBe(2)
    expect(await store.load()).toMatchObject({ refreshToken: 'refresh-1' })
  })

  test('are logged in and out together', async () => {
    const { one, other, store } = createTabs(({ called, headers }) => {
      if (called === 'users.login') return data(tokens(1))
      return headers.has('authorization') ? data(called === 'users.logout' ? null : me) : refused('auth.missing', 401)
    }, createStore())
    await expect(other.client.users.me.query()).rejects.toMatchObject({ code: 'auth.missing' })
    await one.client.login(credentials)
    expect(await other.client.users.me.query()).toEqual(me)
    await other.client.logout()
    await expect(one.client.users.me.query()).rejects.toMatchObject({ code: 'auth.missing' })
    expect([one.client.session, other.client.session, await store.load()]).toEqual([undefined, undefined, null])
  })

  test('know a login that was kept while another call looked for one', async () => {
    const store = createStore()
    let keep: () => void = () => undefined
    const keeping = new Promise<void>((resolve) => {
      keep = resolve
    })
    const slow: SessionStore = { load: store.load, save: (session) => keeping.then(() => store.save(session)) }
    const { client } = createWorld(({ called }) => data(called === 'users.login' ? tokens(1) : me), { auth: slow })
    const login = client.login(credentials)
    await expect.poll(() => client.session).toBeDefined()
    await client.users.me.query()
    expect(client.session).toBeUndefined()
    keep()
    await login
    expect(client.session).toMatchObject({ refreshToken: 'refresh-1' })
  })

  test('end it together, where the server has ended it', async () => {
    const { one, other, store } = createTabs(({ called, headers }) =>
      refused(
        called === 'users.refresh' ? 'session.invalid' : headers.has('authorization') ? 'x' : 'auth.missing',
        401,
      ),
    )
    await expect(one.client.users.me.query()).rejects.toMatchObject({ code: 'auth.revoked' })
    expect(await store.load()).toBeNull()
    await expect(other.client.users.me.query()).rejects.toMatchObject({ code: 'auth.missing' })
    expect(refreshes(one, other)).toBe(1)
  })
})

describe('a call that waits for the refresh of a session that another takes the place of', () => {
  test.each([
    ['has ended', refused('session.invalid', 401)],
    ['cannot be refreshed', refused('internal', 500)],
  ])('goes on with the new one, where the old one %s', async (_, answer) => {
    const slow = held()
    const { client, clock, seen } = createWorld(
      ({ called }) => (called === 'users.refresh' ? slow.answer : data(called === 'users.login' ? tokens(7) : me)),
      { auth: expired },
    )
    const call = client.users.me.query()
    await clock.pass(1)
    await client.login(credentials)
    slow.give(answer)
    expect(await call).toEqual(me)
    expect(client.session).toMatchObject({ refreshToken: 'refresh-7' })
    expect(seen.at(-1)!.headers.get('authorization')).toBe('Bearer access-7')
  })

  test('leaves the new one a refresh of its own', async () => {
    const never = new Promise<never>(() => undefined)
    const { client, clock, seen } = createWorld(
      ({ called, input }) => {
        if (called === 'users.login') return data({ ...tokens(7), expires_in: 1 })
        if (called !== 'users.refresh') return data(me)
        return (input as { refresh_token: string }).refresh_token === 'refresh-7' ? data(tokens(8)) : never
      },
      { auth: expired },
    )
    const old = client.users.me.query()
    await clock.pass(1)
    await client.login(credentials)
    expect(await client.users.me.query()).toEqual(me)
    expect(client.session).toMatchObject({ refreshToken: 'refresh-8' })
    await clock.pass(60_000)
    expect(await old).toEqual(me)
    expect(seen.filter(({ called }) => called === 'users.login')).toHaveLength(1)
  })
})

/** As those of a browser: who asks for a name waits for those who asked before. */
function createLocks() {
  const last = new Map<string, Promise<unknown>>()
  return {
    request<T>(name: string, work: () => Promise<T>): Promise<T> {
      const done = (last.get(name) ?? Promise.resolve()).then(work, work)
      last.set(name, done)
      return done
    },
  }
}
