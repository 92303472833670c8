import { openVerifier } from '../../platform/auth/verifier.ts'
import { newId } from '../../platform/ids.ts'
import { testDatabase } from '../consumer/fixture.testing.ts'
import { createAccounts } from './accounts.ts'
import { createCredentials } from './credentials.ts'
import { createKeys } from './keys.ts'
import { createLimits } from './limits.ts'
import { createPasswords } from './passwords.ts'
import type { StoredUser } from './schema.ts'
import { createSessions, type SessionOptions } from './sessions.ts'
import { createSetups } from './setup.ts'
import { saveUser } from './sql.testing.ts'
import { createTokens } from './tokens.ts'

export const names = { issuer: 'https://trefoil.test', audience: 'trefoil' }
export const password = 'correct horse battery'
export const another = 'a longer battery staple'
export const home = '192.0.2.1'

/** Accounts over a database of their own, and what verifies their tokens. For their limits no time passes. */
export async function openFixture(url?: string) {
  const { sql, drop } = await testDatabase(url)
  const credentials = createCredentials(sql)
  const verifier = openVerifier({ sql, ...names, pollMs: 20 })

  function accountsWith({ now, ...options }: SessionOptions & { now?: () => number } = {}) {
    return createAccounts({
      sql,
      credentials,
      passwords: createPasswords({ cost: 4 }),
      sessions: createSessions(sql, options),
      tokens: createTokens(createKeys(sql), names),
      setups: createSetups(sql, { now }),
      limits: createLimits({}, () => 0),
      ...(now && { now }),
    })
  }

  return {
    sql,
    credentials,
    verifier,
    accountsWith,
    save: (user: StoredUser) => saveUser(sql, user),

    /** Somebody who can log in. */
    async registered(username: string, accounts = accountsWith()): Promise<StoredUser> {
      const user = person(username)
      await accounts.prepare(user.id, { username, email: user.email, password }, home)
      await saveUser(sql, user)
      return user
    },

    empty: () =>
      sql.script('DELETE FROM users; DELETE FROM credentials; DELETE FROM sessions; DELETE FROM signing_keys'),

    async close() {
      await verifier.close()
      await drop()
    },
  }
}

export type Fixture = Awaited<ReturnType<typeof openFixture>>

export function person(username: string, more: Partial<StoredUser> = {}): StoredUser {
  const email = `${username}@example.com`
  const at = '2026-01-01T09:00:00.000Z'
  const keys = { usernameKey: username.toLowerCase(), emailKey: email.toLowerCase(), fullNameKey: '' }
  return {
    id: newId(),
    version: 1,
    username,
    email,
    fullName: '',
    role: 'member',
    ...keys,
    createdAt: at,
    updatedAt: at,
    ...more,
  }
}
