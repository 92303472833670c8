import { Buffer } from 'node:buffer'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { newId } from '../../platform/ids.ts'
import { another, type Fixture, home, openFixture, password, person } from './fixture.testing.ts'
import { limitsSuite } from './limits.suite.ts'
import { createSessions } from './sessions.ts'
import { createSetups, firstExpiry } from './setup.ts'

/** Passwords, tokens and sessions, over any Postgres. */
export function accountsSuite(name: string, url?: string): void {
  describe(name, () => {
    let fixture: Fixture
    beforeAll(async () => {
      fixture = await openFixture(url)
    })
    afterAll(() => fixture.close())
    afterEach(() => fixture.empty())

    const refused = (code: string) => expect.objectContaining({ code })

    describe('login', () => {
      test('gives tokens for a username or an email, however they are written', async () => {
        const accounts = fixture.accountsWith()
        const user = await fixture.registered('Ivan', accounts)
        for (const login of ['Ivan', 'ivan', 'IVAN@example.com']) {
          const tokens = await accounts.login(login, password, home)
          expect(tokens).toMatchObject({ token_type: 'Bearer', expires_in: 600 })
          expect(await fixture.verifier.verify(tokens.access_token)).toMatchObject({ id: user.id, role: 'member' })
        }
      })

      test('is refused alike for a wrong password, nobody, a removed user, and one without a password', async () => {
        const accounts = fixture.accountsWith()
        const ivan = await fixture.registered('ivan', accounts)
        await fixture.save(person('olga'))
        await fixture.save({ ...(await fixture.registered('gone', accounts)), version: 2, deleted: true })
        for (const login of ['nobody', 'olga', 'gone', '', ivan.id]) {
          await expect(accounts.login(login, password, home), login).rejects.toEqual(refused('credentials.wrong'))
        }
        await expect(accounts.login('ivan', another, home)).rejects.toEqual(refused('credentials.wrong'))
      })

      test('begins no session for a password that was changed meanwhile', async () => {
        const ivan = await fixture.registered('ivan')
        expect(await createSessions(fixture.sql).begin(ivan.id, 'the hash it was verified against')).toBeUndefined()
      })

      test('opens nothing before the user is decided', async () => {
        const accounts = fixture.accountsWith()
        await accounts.prepare(newId(), { username: 'ivan', email: 'ivan@example.com', password }, home)
        await expect(accounts.login('ivan', password, home)).rejects.toEqual(refused('credentials.wrong'))
      })
    })

    limitsSuite(() => fixture)

    describe('refresh', () => {
      test('gives new tokens of the same session, with the role that the user has now', async () => {
        const accounts = fixture.accountsWith()
        const user = await fixture.registered('ivan', accounts)
        const first = await accounts.login('ivan', password, home)
        await fixture.save({ ...user, version: 2, role: 'admin' })
        const second = await accounts.refresh(first.refresh_token, home)
        const { session } = await fixture.verifier.verify(second.access_token)
        expect(await fixture.verifier.verify(second.access_token)).toEqual({ id: user.id, role: 'admin', session })
        expect(second.refresh_token).not.toBe(first.refresh_token)
      })

      test('is refused for what is no token, and what is expired', async () => {
        const accounts = fixture.accountsWith({ idleMs: 0 })
        await fixture.registered('ivan', accounts)
        const { refresh_token } = await accounts.login('ivan', password, home)
        for (const token of ['', 'x', refresh_token]) {
          await expect(accounts.refresh(token, home)).rejects.toEqual(refused('session.invalid'))
        }
      })

      test('is refused once the user is removed', async () => {
        const accounts = fixture.accountsWith()
        const user = await fixture.registered('ivan', accounts)
        const { refresh_token } = await accounts.login('ivan', password, home)
        await fixture.save({ ...user, version: 2, deleted: true })
        await expect(accounts.refresh(refresh_token, home)).rejects.toEqual(refused('session.invalid'))
      })

      test('with a token that was used before ends the session, for whoever holds the others too', async () => {
        const accounts = fixture.accountsWith({ graceMs: 0 })
        await fixture.registered('ivan', accounts)
        const first = await accounts.login('ivan', password, home)
        const second = await accounts.refresh(first.refresh_token, home)
        await expect(accounts.refresh(first.refresh_token, home)).rejects.toEqual(refused('session.invalid'))
        await expect(accounts.refresh(second.refresh_token, home)).rejects.toEqual(refused('session.invalid'))
        await expect
          .poll(() => fixture.verifier.verify(second.access_token).catch(({ code }) => code))
          .toBe('auth.revoked')
      })

      test('may be sent again at once by a client that lost the answer', async () => {
        const accounts = fixture.accountsWith({ graceMs: 3_600_000 })
        await fixture.registered('ivan', accounts)
        const { refresh_token } = await accounts.login('ivan', password, home)
        const answers = await Promise.all([1, 2, 3].map(() => accounts.refresh(refresh_token, home)))
        expect(new Set(answers.map((answer) => answer.refresh_token)).size).toBe(3)
        await accounts.refresh(answers[1]!.refresh_token, home)
      })

      test('is not graced for a token whose successor was used, nor for the other answers to it', async () => {
        for (const stale of ['grandparent', 'sibling'] as const) {
          const accounts = fixture.accountsWith({ graceMs: 3_600_000 })
          await fixture.registered(stale, accounts)
          const grandparent = (await accounts.login(stale, password, home)).refresh_token
          const sibling = (await accounts.refresh(grandparent, home)).refresh_token
          const parent = (await accounts.refresh(grandparent, home)).refresh_token
          const youngest = (await accounts.refresh(parent, home)).refresh_token
          const token = { grandparent, sibling }[stale]
          await expect(accounts.refresh(token, home), stale).rejects.toEqual(refused('session.invalid'))
          await expect(accounts.refresh(youngest, home), stale).rejects.toEqual(refused('session.invalid'))
        }
      })
    })

    describe('a password', () => {
      test('is changed by who knows it; the other sessions end', async () => {
        const accounts = fixture.accountsWith()
        await fixture.registered('ivan', accounts)
        const here = await accounts.login('ivan', password, home)
        const there = await accounts.login('ivan', password, home)
        const actor = await fixture.verifier.verify(here.access_token)
        await expect(accounts.changePassword(actor, another, another, home)).rejects.toEqual(refused('password.wrong'))
        await expect(accounts.changePassword(actor, password, 'ivan12345678', home)).resolves.toBeUndefined()
        await expect(accounts.login('ivan', password, home)).rejects.toEqual(refused('credentials.wrong'))
        await accounts.login('ivan', 'ivan12345678', home)
        await accounts.refresh(here.refresh_token, home)
        await expect(accounts.refresh(there.refresh_token, home)).rejects.toEqual(refused('session.invalid'))
        await expect
          .poll(() => fixture.verifier.verify(there.access_token).catch(({ code }) => code))
          .toBe('auth.revoked')
        expect(await fixture.verifier.verify(here.access_token)).toEqual(actor)
      })

      test('that is weak is refused', async () => {
        const accounts = fixture.accountsWith()
        await fixture.registered('ivan', accounts)
        const actor = await fixture.verifier.verify((await accounts.login('ivan', password, home)).access_token)
        await expect(accounts.changePassword(actor, password, 'aaaaaaaaaaaa', home)).rejects.toEqual(
          refused('password.weak'),
        )
        const olga = { username: 'olga', email: 'olga@example.com', password: 'olga@example.com' }
        await expect(accounts.prepare(newId(), olga, home)).rejects.toEqual(refused('password.weak'))
      })

      test('of a registration that is repeated has to be the first one’s', async () => {
        const accounts = fixture.accountsWith()
        const id = newId()
        const ivan = { username: 'ivan', email: 'ivan@example.com', password }
        await accounts.prepare(id, ivan, home)
        await accounts.prepare(id, ivan, home)
        await expect(accounts.prepare(id, { ...ivan, password: another }, home)).rejects.toEqual(
          refused('idempotency.reused'),
        )
        await fixture.save(person('ivan', { id }))
        await accounts.login('ivan', password, home)
      })
    })

    describe('a setup token', () => {
      const expiry = firstExpiry(new Date().toISOString())

      test('sets the first password, once', async () => {
        const accounts = fixture.accountsWith()
        const olga = person('olga')
        await fixture.save(olga)
        const { setupToken } = await createSetups(fixture.sql).issue(olga.id, expiry, undefined)
        const { setupToken: again } = await createSetups(fixture.sql).issue(olga.id, expiry, undefined)
        expect(again).toBe(setupToken)
        await accounts.setPassword(setupToken, password, home)
        await accounts.login('olga', password, home)
        await expect(accounts.setPassword(setupToken, another, home)).rejects.toEqual(refused('setup.invalid'))
      })

      test('used by two at once is good for one', async () => {
        const accounts = fixture.accountsWith()
        const olga = person('olga')
        await fixture.save(olga)
        const { setupToken } = await accounts.issueSetup(olga.id)
        const uses = await Promise.allSettled(
          [password, another].map((one) => accounts.setPassword(setupToken, one, home)),
        )
        expect(uses.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
      })

      test('replaces a lost password, and ends every session', async () => {
        const accounts = fixture.accountsWith()
        const ivan = await fixture.registered('ivan', accounts)
        const { refresh_token } = await accounts.login('ivan', password, home)
        const first = await accounts.issueSetup(ivan.id)
        const second = await accounts.issueSetup(ivan.id)
        await accounts.setPassword(second.setupToken, another, home)
        await accounts.login('ivan', another, home)
        await expect(accounts.refresh(refresh_token, home)).rejects.toEqual(refused('session.invalid'))
        await expect(accounts.setPassword(first.setupToken, password, home)).rejects.toEqual(refused('setup.invalid'))
      })

      test('expires after seven days', async () => {
        let now = Date.now()
        const accounts = fixture.accountsWith({ now: () => now })
        const ivan = await fixture.registered('ivan', accounts)
        const { setupToken, expiresAt } = await accounts.issueSetup(ivan.id)
        expect(Date.parse(expiresAt) - now).toBeGreaterThan(6.9 * 86_400_000)
        now = Date.parse(expiresAt)
        await expect(accounts.setPassword(setupToken, another, home)).rejects.toEqual(refused('setup.invalid'))
        now -= 1000
        await accounts.setPassword(setupToken, another, home)
      })

      test('is refused with anything of it changed, for another user, and for nobody', async () => {
        const accounts = fixture.accountsWith()
        const ivan = await fixture.registered('ivan', accounts)
        const { setupToken } = await accounts.issueSetup(ivan.id)
        const { setupToken: nobodys } = await createSetups(fixture.sql).issue(newId(), expiry, undefined)
        const flipped = [0, 10, 21, 23, 30, 50].map((at) => {
          const bytes = Buffer.from(setupToken, 'base64url')
          bytes[at]! ^= 1
          return bytes.toString('base64url')
        })
        for (const token of ['', 'x', `${setupToken}=`, `${setupToken}A`, nobodys, ...flipped]) {
          await expect(accounts.setPassword(token, another, home), token).rejects.toEqual(refused('setup.invalid'))
        }
        await expect(accounts.issueSetup(newId())).rejects.toEqual(refused('user.not_found'))
      })
    })
  })
}
