import { describe, expect, test } from 'vitest'
import type { Actor } from '../../platform/auth/actor.ts'
import { newId } from '../../platform/ids.ts'
import { another, password } from './fixture.testing.ts'
import { type OpenService, registration } from './service.testing.ts'

interface Bench {
  users: OpenService
  /** An admin. */
  ada: Actor
  loggedIn(username: string): Promise<Actor>
}

const refused = (code: string) => expect.objectContaining({ code })

/** What is answered to a call that comes again under its key. */
export function repeatsSuite(opened: () => Bench): void {
  describe('a call under a key', () => {
    test('of a registration is answered as the first one, and only to who knows the password', async () => {
      const { users, loggedIn } = opened()
      const key = newId()
      const first = await users.call('register', registration('retry'), { key })
      expect(await users.call('register', registration('retry'), { key })).toEqual(first)
      const stranger = { ...registration('retry'), password: another }
      await expect(users.call('register', stranger, { key })).rejects.toEqual(refused('idempotency.reused'))
      await loggedIn('retry')
    })

    test('that somebody else uses too makes two accounts', async () => {
      const { users } = opened()
      const [a, b] = await Promise.all(
        ['keyed1', 'keyed2'].map((name) => users.call('register', registration(name), { key: '1' })),
      )
      expect(a?.id).not.toBe(b?.id)
    })

    test('is answered with the setup token again, where it made a user', async () => {
      const { users, ada } = opened()
      const said = { actor: ada, key: newId() }
      const input = { username: 'again', email: 'again@example.com' }
      const first = await users.call('create', input, said)
      expect(await users.call('create', input, said)).toEqual(first)
      await users.call('setPassword', { setupToken: first.setupToken, password })
    })

    test('that is older than its outcome is told so, with the user that it made', async () => {
      const { users, ada } = opened()
      const calls = [
        { procedure: 'register', input: registration('early'), said: { key: newId() } },
        {
          procedure: 'create',
          input: { username: 'made', email: 'made@example.com' },
          said: { key: newId(), actor: ada },
        },
      ]
      for (const { procedure, input, said } of calls) {
        const { id } = await users.call(procedure, input, said)
        await users.sql.query('DELETE FROM outcomes WHERE entity_id = $1', [id])
        const expired = { code: 'idempotency.expired', extra: { entity: id } }
        await expect(users.call(procedure, input, said), procedure).rejects.toMatchObject(expired)
      }
    })
  })
}
