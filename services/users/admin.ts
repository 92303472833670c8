import { randomBytes } from 'node:crypto'
import type { Draft } from '../../platform/commands/command.ts'
import type { Config } from '../../platform/config/config.ts'
import { hashedId } from '../../platform/ids.ts'
import type { Sql } from '../../platform/sql/port.ts'
import { type Secrets, unkept } from '../../platform/sql/secrets.ts'
import { fold } from '../../platform/text.ts'
import { type Credentials, createCredentials } from './credentials.ts'
import { createUser } from './drafts.ts'
import { checkStrength, createPasswords, type Passwords } from './passwords.ts'
import { username } from './schema.ts'

export interface AdminParts {
  sql: Sql
  credentials: Credentials
  passwords: Passwords
  /** Sends a command as the system, under an id made of its entity's, and resolves once it is decided and readable. */
  send(draft: Draft): Promise<unknown>
  /** For the first start only: `ADMIN_USERNAME`, `ADMIN_PASSWORD`. */
  given: { username?: string | undefined; password?: string | undefined }
}

/** What is to be printed. */
export interface NewAdmin {
  username: string
  /** Undefined where it was given. */
  password: string | undefined
  /** To be called after it was printed: until then the next start makes another password. */
  printed(): Promise<void>
}

const FIRST_ADMIN = hashedId('user', 'first admin')

/**
 * Sees to it that an admin can log in; at every start. Makes the first one, through the log like any user. Where no admin
 * has a password (it was lost with the database, or never printed), the oldest gets a new one.
 */
export async function ensureAdmin(parts: AdminParts): Promise<NewAdmin | undefined> {
  const { sql, credentials, passwords, send, given } = parts
  let admins = await readAdmins(sql)
  if (admins.length === 0) {
    const name = checkFirstAdmin(given)
    await send(createUser(FIRST_ADMIN, { username: name, email: 'admin@trefoil.localhost', role: 'admin' }))
    admins = await readAdmins(sql)
  }
  if (admins.some(({ hash, unseen }) => hash !== null && !unseen)) return undefined
  const admin = admins.find(({ unseen }) => unseen) ?? admins[0]
  if (!admin) throw new Error('The first admin was made and is not there.')

  const password = given.password ?? generatePassword()
  checkGiven(password, admin.username)
  const generated = given.password === undefined
  const hash = await passwords.hash(password)
  if (!(await credentials.replace(admin.id, admin.hash ?? undefined, hash, { unseen: generated }))) return undefined
  return {
    username: admin.username,
    password: generated ? password : undefined,
    printed: () => credentials.seen(admin.id, hash),
  }
}

export interface ResetOptions {
  /** The oldest admin unless named. */
  name?: string | undefined
  secrets?: Secrets
}

/** A new password for an admin, for `npm run admin:reset`; all their sessions end. */
export async function resetAdmin(
  sql: Sql,
  { name, secrets = unkept }: ResetOptions = {},
): Promise<{ username: string; password: string }> {
  const admins = await readAdmins(sql)
  const admin = name === undefined ? admins[0] : admins.find(({ username }) => fold(username) === fold(name))
  if (!admin) throw new Error(name === undefined ? 'There is no admin yet; start the server.' : `${name} is no admin.`)
  const password = generatePassword()
  const hash = await createPasswords().hash(password)
  const reset = await createCredentials(sql, secrets).replace(admin.id, admin.hash ?? undefined, hash)
  if (!reset) throw new Error('The password was changed by somebody else at the same moment; try again.')
  return { username: admin.username, password }
}

type AdminRow = { id: string; username: string; hash: string | null; unseen: boolean | null }

const readAdmins = (sql: Sql) =>
  sql.query<AdminRow>(
    `SELECT u.id, u.data->>'username' AS username, c.password_hash AS hash, c.unseen
       FROM users u LEFT JOIN credentials c ON c.user_id = u.id
      WHERE u.role = 'admin' AND NOT u.deleted ORDER BY u.created_at, u.id`,
  )

export const givenAdmin = ({ adminUsername, adminPassword }: Config): AdminParts['given'] => ({
  username: adminUsername,
  password: adminPassword,
})

/** Returns the name of the first admin. @throws Error with a sentence where none can be made of what is given */
export function checkFirstAdmin({ username: name = 'admin', password }: AdminParts['given']): string {
  const checked = checkedUsername(name)
  if (password !== undefined) checkGiven(password, checked)
  return checked
}

function checkedUsername(name: string): string {
  const { success, data, error } = username.safeParse(name)
  if (!success) throw new Error(`ADMIN_USERNAME "${name}": ${error.issues[0]?.message ?? 'not a username'}.`)
  return data
}

function checkGiven(password: string, name: string): void {
  try {
    checkStrength(password, name)
  } catch (error) {
    throw new Error(`ADMIN_PASSWORD: ${error instanceof Error ? error.message : 'too weak'}`)
  }
}

/** 100 random bits in letters and digits that are not mistaken for each other. */
function generatePassword(): string {
  const letters = 'abcdefghijkmnpqrstuvwxyz23456789'
  const text = Array.from(randomBytes(20), (byte) => letters[byte & 31]).join('')
  return text.match(/.{5}/g)?.join('-') ?? text
}
