import type { Queryable } from '../../platform/sql/port.ts'
import type { Role } from './schema.ts'

/** A living user as a login needs it: from Postgres itself, never from a cache. */
export interface Account {
  id: string
  role: Role
  username: string
  email: string
  /** Undefined where the user has not set a password yet. */
  hash: string | undefined
}

type AccountRow = Omit<Account, 'hash'> & { hash: string | null }

const SELECT = `SELECT u.id, u.role, u.data->>'username' AS username, u.data->>'email' AS email, c.password_hash AS hash
  FROM users u LEFT JOIN credentials c ON c.user_id = u.id WHERE NOT u.deleted AND`

export async function accountById(sql: Queryable, id: string): Promise<Account | undefined> {
  return account(await sql.query<AccountRow>(`${SELECT} u.id = $1`, [id], 'account-by-id'))
}

/** @param key folded; a username has no @, so it says by itself which of the two it is */
export async function accountByLogin(sql: Queryable, key: string): Promise<Account | undefined> {
  const column = key.includes('@') ? 'email_key' : 'username_key'
  return account(await sql.query<AccountRow>(`${SELECT} u.${column} = $1`, [key], `account-by-${column}`))
}

const account = ([row]: AccountRow[]): Account | undefined => row && { ...row, hash: row.hash ?? undefined }
