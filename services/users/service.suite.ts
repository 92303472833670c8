import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Actor } from '../../platform/auth/actor.ts'
import { newId } from '../../platform/ids.ts'
import { password } from './fixture.testing.ts'
import { repeatsSuite } from './repeats.suite.ts'
import { openService, REGISTRATIONS, registration } from './service.testing.ts'

/** What the service promises, over any Postgres. */
export function serviceSuite(name: string, url?: string): void {
  describe(name, () => {
    let users: Awaited<ReturnType<typeof openService>>
    let ada: Actor
    beforeAll(async () => {
      users = await openService(url)
      const admin = await users.service.ensureAdmin(users.system.send, { username: 'ada' })
      ada = await loggedIn('ada', admin?.password)
    })
    afterAll(() => users?.close())

    const refused = (code: string) => expect.objectContaining({ code })
    const register = (username: string) => users.call('register', registration(username))

    async function loggedIn(username: string, word = password): Promise<Actor> {
      const { access_token } = await users.call('login', { username, password: word })
      return users.verifier.verify(access_token)
    }

    /** Registered, and logged in. */
    async function member(username: string): Promise<Actor> {
      await register(username)
      return loggedIn(username)
    }

    describe('register', () => {
      test('answers the user, who can log in at once', async () => {
        const user = await users.call('register', { ...registration('Nina'), fullName: ' Nina  K. ' })
        expect(user).toEqual({
          id: expect.any(String),
          version: 1,
          username: 'Nina',
          email: 'Nina@example.com',
          fullName: 'Nina  K.',
          role: 'member',
          createdAt: expect.any(String),
          updatedAt: user.createdAt,
        })
        const actor = await loggedIn('nina')
        expect(actor).toMatchObject({ id: user.id, role: 'member' })
        expect(await users.call('me', {}, { actor })).toEqual(user)
      })

      test('is refused a name that is taken, however it is written', async () => {
        await register('taken')
        await expect(register('TAKEN')).rejects.toEqual(refused('user.username_taken'))
        const other = { ...registration('other'), email: 'Taken@Example.com' }
        await expect(users.call('register', other)).rejects.toEqual(refused('user.email_taken'))
      })

      test('that is refused counts once against its address', async () => {
        await register('counted')
        const address = '192.0.2.9'
        const again = () => users.call('register', registration('counted'), { address })
        for (let n = 0; n < REGISTRATIONS; n++) await expect(again()).rejects.toEqual(refused('user.username_taken'))
        await expect(again()).rejects.toEqual(refused('rate.limited'))
      })

      test('of one name by many at once succeeds once', async () => {
        const all = await Promise.allSettled(Array.from({ length: 10 }, () => register('wanted')))
        expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
        for (const one of all) if (one.status === 'rejected') expect(one.reason.code).toBe('user.username_taken')
      })

      test('keeps the password out of the log', async () => {
        await register('secretive')
        const [row] = await users.sql.query('SELECT count(*)::int AS n FROM outcomes WHERE record::text LIKE $1', [
          `%${password}%`,
        ])
        expect(row).toEqual({ n: 0 })
      })
    })

    describe('create', () => {
      test('takes a username and an email, and answers a setup token for the password', async () => {
        const user = await users.call('create', { username: 'olga', email: 'olga@example.com' }, { actor: ada })
        expect(user).toMatchObject({ username: 'olga', fullName: '', role: 'member', setupToken: expect.any(String) })
        await users.call('setPassword', { setupToken: user.setupToken, password })
        expect(await loggedIn('olga')).toMatchObject({ id: user.id })
      })

      test('keeps the setup token out of the log', async () => {
        const { setupToken } = await users.call(
          'create',
          { username: 'quiet', email: 'quiet@example.com' },
          { actor: ada },
        )
        const [row] = await users.sql.query('SELECT count(*)::int AS n FROM outcomes WHERE record::text LIKE $1', [
          `%${setupToken}%`,
        ])
        expect(row).toEqual({ n: 0 })
      })

      test('that was not waited for is answered a receipt, and the token is asked for afterwards', async () => {
        const input = { username: 'later', email: 'later@example.com' }
        const receipt = await users.call('create', input, { actor: ada, respondAsync: true })
        expect(receipt).toMatchObject({ status: 'accepted', id: expect.any(String) })
        await expect
          .poll(() => users.call('byId', { id: 'later' }, { actor: ada }).catch(({ code }) => code), {
            timeout: 10_000,
          })
          .toHaveProperty('id')
        const { setupToken } = await users.call('issueSetup', { id: 'later' }, { actor: ada })
        await users.call('setPassword', { setupToken, password })
        await loggedIn('later')
      })

      test('and issueSetup are for admins', async () => {
        const actor = await member('plain')
        const input = { username: 'x1', email: 'x1@example.com' }
        await expect(users.call('create', input, { actor })).rejects.toEqual(refused('access.forbidden'))
        await expect(users.call('issueSetup', { id: 'me' }, { actor })).rejects.toEqual(refused('access.forbidden'))
      })
    })

    describe('reading', () => {
      test('shows the email to the user and to admins only', async () => {
        const [self, other] = [await member('private'), await member('curious')]
        for (const [actor, email] of [
          [self, 'private@example.com'],
          [ada, 'private@example.com'],
          [other, undefined],
        ] as const) {
          const said = { actor }
          for (const id of [self.id, 'private', 'PRIVATE'])
            expect((await users.call('byId', { id }, said)).email).toBe(email)
          expect((await users.call('byUsername', { username: 'private' }, said)).email).toBe(email)
          const { items } = await users.call('list', { q: 'private' }, said)
          expect(items).toEqual([expect.objectContaining({ username: 'private' })])
          expect(items[0]?.email).toBe(email)
        }
      })

      test('sees what was just written, by id, name and list', async () => {
        const actor = await member('before')
        for (const [n, username] of ['after1', 'after2', 'after3'].entries()) {
          await users.call('byUsername', { username }, { actor }).catch(() => undefined) // caches that there is none
          const updated = await users.call('update', { id: 'me', username }, { actor })
          expect(updated).toMatchObject({ username, version: n + 2 })
          expect(await users.call('byUsername', { username }, { actor })).toEqual(updated)
          expect(await users.call('byId', { id: actor.id }, { actor })).toEqual(updated)
          expect((await users.call('list', { q: username }, { actor })).items).toEqual([updated])
        }
        await expect(users.call('byUsername', { username: 'before' }, { actor })).rejects.toEqual(
          refused('user.not_found'),
        )
      })
    })

    describe('update', () => {
      test('is refused for another version, to strangers, and into a taken name', async () => {
        const [actor, other] = [await member('first'), await member('second')]
        const rename = { id: 'first', fullName: 'First' }
        await expect(users.call('update', { ...rename, expectedVersion: 7 }, { actor })).rejects.toMatchObject({
          code: 'version.mismatch',
          extra: { version: 1 },
        })
        await expect(users.call('update', rename, { actor: other })).rejects.toEqual(refused('access.forbidden'))
        const take = { id: 'me', username: 'Second' }
        await expect(users.call('update', take, { actor })).rejects.toEqual(refused('user.username_taken'))
        await expect(users.call('update', { id: 'nobody' }, { actor: ada })).rejects.toEqual(refused('user.not_found'))
        expect(await users.call('update', { ...rename, expectedVersion: 1 }, { actor })).toMatchObject({ version: 2 })
      })

      test('of a role is another admin’s, and ends the tokens of the old one', async () => {
        const { access_token, refresh_token } = await register('riser').then(() =>
          users.call('login', { username: 'riser', password }),
        )
        const actor = await users.verifier.verify(access_token)
        await expect(users.call('update', { id: 'me', role: 'admin' }, { actor })).rejects.toEqual(
          refused('access.forbidden'),
        )
        await expect(users.call('update', { id: 'me', role: 'member' }, { actor: ada })).rejects.toEqual(
          refused('user.admin_self'),
        )
        await users.call('update', { id: 'riser', role: 'admin' }, { actor: ada })
        await expect.poll(() => users.verifier.verify(access_token).catch(({ code }) => code)).toBe('auth.revoked')
        const renewed = await users.call('refresh', { refresh_token })
        expect(await users.verifier.verify(renewed.access_token)).toMatchObject({ role: 'admin' })
        await users.call('update', { id: 'riser', role: 'member' }, { actor: ada })
      })
    })

    describe('remove', () => {
      test('ends the sessions, erases the person and frees the name', async () => {
        const tokens = await register('leaver').then(() => users.call('login', { username: 'leaver', password }))
        const actor = await users.verifier.verify(tokens.access_token)
        expect(await users.call('remove', { id: 'me' }, { actor })).toBeUndefined()
        await expect
          .poll(() => users.verifier.verify(tokens.access_token).catch(({ code }) => code))
          .toBe('auth.revoked')
        await expect(users.call('refresh', { refresh_token: tokens.refresh_token })).rejects.toEqual(
          refused('session.invalid'),
        )
        await expect(users.call('byId', { id: actor.id }, { actor: ada })).rejects.toEqual(refused('user.not_found'))
        const [row] = await users.sql.query<{ data: object }>('SELECT data FROM users WHERE id = $1', [actor.id])
        expect(JSON.stringify(row?.data)).not.toContain('leaver')
        expect((await register('leaver')).id).not.toBe(actor.id)
      })

      test('is refused to strangers, of an admin by oneself, and of who alone owns a project', async () => {
        const [owner, other] = [await member('owner'), await member('stranger')]
        await expect(users.call('remove', { id: 'owner' }, { actor: other })).rejects.toEqual(
          refused('access.forbidden'),
        )
        await expect(users.call('remove', { id: 'me' }, { actor: ada })).rejects.toEqual(refused('user.admin_self'))
        const id = newId()
        const payload = { name: 'Apollo', nameKey: 'apollo', description: '', keys: ['APOLLO'] }
        await users.system.send({ type: 'project.create', entity: id, root: id, payload }, { actor: owner })
        await expect(users.call('remove', { id: 'owner' }, { actor: ada })).rejects.toMatchObject({
          code: 'user.owns_projects',
          extra: { projects: [{ id, name: 'Apollo' }] },
        })
      })
    })

    repeatsSuite(() => ({ users, ada, loggedIn }))

    test('nothing went wrong behind everybody’s back', () => expect(users.warnings).toEqual([]))
  })
}
