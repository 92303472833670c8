import type { Actor } from '../../platform/auth/actor.ts'
import { Failure } from '../../platform/errors/failure.ts'
import type { Queryable } from '../../platform/sql/port.ts'
import { fold } from '../../platform/text.ts'
import type { Credentials } from './credentials.ts'
import { addressKey, type Limits } from './limits.ts'
import { type Account, accountById, accountByLogin } from './login-account.ts'
import { checkStrength, type Passwords } from './passwords.ts'
import type { Tokens as Granted, Setup } from './schema.ts'
import type { Sessions, Started } from './sessions.ts'
import { SETUP_DAYS, type Setups } from './setup.ts'
import { ACCESS_TOKEN_SECONDS, type Tokens } from './tokens.ts'

export interface AccountParts {
  sql: Queryable
  credentials: Credentials
  passwords: Passwords
  sessions: Sessions
  tokens: Tokens
  setups: Setups
  limits: Limits
  now?: () => number
}

export type Accounts = ReturnType<typeof createAccounts>

/** What a person does with a password and with sessions: straight to Postgres, nothing of it on the log. */
export function createAccounts(parts: AccountParts) {
  const { sql, credentials, passwords, sessions, tokens, setups, limits, now = Date.now } = parts

  async function grant({ session, refreshToken }: Started, { id, role }: Account): Promise<Granted> {
    return {
      access_token: await tokens.sign({ id, role, session }),
      token_type: 'Bearer',
      expires_in: ACCESS_TOKEN_SECONDS,
      refresh_token: refreshToken,
    }
  }

  /** Counts a try against the key, and gives all of its tries back if it succeeds. */
  async function verify(key: string, password: string, hash: string | undefined): Promise<boolean> {
    limits.account.take(key)
    const right = await passwords.verify(password, hash)
    if (right) limits.account.forget(key)
    return right
  }

  return {
    async login(login: string, password: string, address: string): Promise<Granted> {
      limits.address.take(addressKey(address))
      const key = fold(login)
      const account = await accountByLogin(sql, key)
      // As it was given: if two names shared a count, strangers would learn that they are one account's.
      const right = await verify(`login ${key}`, password, account?.hash)
      if (!right || !account?.hash) throw new Failure('credentials.wrong')
      const started = await sessions.begin(account.id, account.hash)
      if (!started) throw new Failure('credentials.wrong')
      return grant(started, account)
    },

    async refresh(refreshToken: string, address: string): Promise<Granted> {
      limits.address.take(addressKey(address))
      const started = await sessions.renew(refreshToken)
      const account = started && (await accountById(sql, started.userId))
      if (!account) throw new Failure('session.invalid')
      return grant(started, account)
    },

    async changePassword(actor: Actor, password: string, newPassword: string, address: string): Promise<void> {
      limits.address.take(addressKey(address))
      const account = await accountById(sql, actor.id)
      if (!account) throw new Failure('user.not_found')
      if (!(await verify(`user ${account.id}`, password, account.hash))) throw new Failure('password.wrong')
      checkStrength(newPassword, account.username, account.email)
      const hash = await passwords.hash(newPassword)
      const changed = await credentials.replace(account.id, account.hash, hash, { staying: actor.session })
      if (!changed) throw new Failure('password.wrong')
    },

    async setPassword(setupToken: string, password: string, address: string): Promise<void> {
      limits.address.take(addressKey(address))
      const setup = setups.read(setupToken)
      const account = setup && (await accountById(sql, setup.userId))
      if (!account || !(await setup.sealedFor(account.hash))) throw new Failure('setup.invalid')
      checkStrength(password, account.username, account.email)
      const changed = await credentials.replace(account.id, account.hash, await passwords.hash(password))
      if (!changed) throw new Failure('setup.invalid')
    },

    async issueSetup(userId: string): Promise<Setup> {
      const account = await accountById(sql, userId)
      if (!account) throw new Failure('user.not_found')
      return setups.issue(account.id, new Date(now() + SETUP_DAYS * 86_400_000), account.hash)
    },

    /**
     * Keeps the password of a registration that is about to be sent; it opens nothing until that user exists. A repeat
     * under the same key finds the first one's, and has to know it: otherwise whoever guesses a key is answered the account.
     */
    async prepare(userId: string, { password, username, email }: Registration, address: string): Promise<void> {
      limits.registration.take(addressKey(address))
      checkStrength(password, username, email)
      const hash = await passwords.hash(password)
      const standing = await credentials.first(userId, hash)
      if (standing !== hash && !(await passwords.verify(password, standing))) throw new Failure('idempotency.reused')
    },
  }
}

interface Registration {
  username: string
  email: string
  password: string
}
