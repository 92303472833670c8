import type { Logger } from 'pino'
import type { Draft } from '../../platform/commands/command.ts'
import type { CommandEdge } from '../../platform/commands/send/edge.ts'
import type { Watermarks } from '../../platform/commands/watermarks/watermarks.ts'
import type { Reads } from '../../platform/reads/reads.ts'
import type { Service } from '../../platform/service.ts'
import type { Sql } from '../../platform/sql/port.ts'
import { type Secrets, unkept } from '../../platform/sql/secrets.ts'
import { createAccounts } from './accounts.ts'
import { type AdminParts, ensureAdmin, type NewAdmin } from './admin.ts'
import { codes, users } from './contract.ts'
import { createCredentials } from './credentials.ts'
import { createKeys } from './keys.ts'
import { createLimits, type LimitSettings } from './limits.ts'
import { createPasswords, type PasswordOptions } from './passwords.ts'
import { usersRouter } from './router.ts'
import { createSessions } from './sessions.ts'
import { createSetups } from './setup.ts'
import { startSweep } from './sweep.ts'
import { createTokens } from './tokens.ts'
import { withSecrets } from './with-secrets.ts'

export interface UsersServiceParts {
  sql: Sql
  reads: Reads
  commands: CommandEdge
  watermarks: Pick<Watermarks, 'reach'>
  log: Pick<Logger, 'warn'>
  /** What the verifier demands of tokens. */
  issuer: string
  audience: string
  /** Where Postgres is embedded. */
  secrets?: Secrets
  limits?: LimitSettings
  passwords?: PasswordOptions
}

export interface UsersService extends Service {
  /** At every start, once commands are decided: see `ensureAdmin`. */
  ensureAdmin(send: (draft: Draft) => Promise<unknown>, given: AdminParts['given']): Promise<NewAdmin | undefined>
  close(): Promise<void>
}

/** The users service: makes the signing keys if there are none, and keeps its house clean until it is closed. */
export async function openUsers(parts: UsersServiceParts): Promise<UsersService> {
  const { sql, reads, watermarks, log, issuer, audience, secrets = unkept } = parts
  const passwords = createPasswords(parts.passwords)
  const credentials = createCredentials(sql, secrets)
  const keys = createKeys(sql, { secrets })
  await keys.current()
  const sessions = createSessions(sql, { secrets })
  const setups = createSetups(sql, { secrets })
  const tokens = createTokens(keys, { issuer, audience })
  const limits = createLimits(parts.limits)
  const accounts = createAccounts({ sql, credentials, passwords, sessions, tokens, setups, limits })
  const commands = withSecrets(parts.commands, accounts, setups)
  const sweep = startSweep({ sql, credentials, keys, secrets, log })

  return {
    name: 'users',
    contract: users,
    codes,
    router: usersRouter({ sql, reads, commands, watermarks, accounts, sessions }),
    ensureAdmin: (send, given) => ensureAdmin({ sql, credentials, passwords, send, given }),
    close: () => sweep.close(),
  }
}
