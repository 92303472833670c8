import type { Queryable, Sql } from '../../platform/sql/port.ts'
import { type Secrets, unkept } from '../../platform/sql/secrets.ts'
import { endSessions } from './sessions.ts'

/** Password hashes in Postgres. */
export interface Credentials {
  /** The first password of a user who may not exist yet. Resolves to the hash that stands: this one, or an earlier one. */
  first(user: string, hash: string): Promise<string>
  /**
   * Changes a password if the one before is still `before` (undefined: none), and ends the user's sessions but `staying`.
   * False where another change was first.
   */
  replace(
    user: string,
    before: string | undefined,
    hash: string,
    more?: { staying?: string; unseen?: boolean },
  ): Promise<boolean>
  /** A generated password was printed. */
  seen(user: string, hash: string): Promise<void>
  /** Takes away the passwords of removed users, and of registrations that made none within a day. */
  sweep(): Promise<void>
}

export function createCredentials(sql: Sql, secrets: Secrets = unkept): Credentials {
  const keep = (user: string) => secrets.keep('credentials', [user])

  return {
    async first(user, hash) {
      const added = await sql.query(
        'INSERT INTO credentials (user_id, password_hash) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING 1',
        [user, hash],
      )
      await keep(user) // an earlier one too: whoever wrote it may not have got that far
      return added.length === 1 ? hash : ((await standing(sql, user)) ?? hash)
    },

    async replace(user, before, hash, { staying, unseen = false } = {}) {
      const ended = await sql.transaction(async (tx) => {
        const changed = await tx.query(before === undefined ? ADD : CHANGE, [
          user,
          hash,
          unseen,
          ...(before ? [before] : []),
        ])
        return changed.length === 1 ? endSessions(tx, user, staying) : undefined
      })
      if (!ended) return false
      await secrets.keep('sessions', ended)
      await keep(user)
      return true
    },

    async seen(user, hash) {
      await sql.query('UPDATE credentials SET unseen = false WHERE user_id = $1 AND password_hash = $2', [user, hash])
      await keep(user)
    },

    async sweep() {
      await sql.query(
        `UPDATE credentials SET claimed = true WHERE NOT claimed AND EXISTS (SELECT 1 FROM users WHERE id = user_id)`,
      )
      await sql.query(
        `DELETE FROM credentials WHERE NOT claimed AND changed_at < now() - interval '1 day'
            OR EXISTS (SELECT 1 FROM users WHERE id = user_id AND deleted)`,
      )
    },
  }
}

const ADD =
  'INSERT INTO credentials (user_id, password_hash, unseen) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING 1'
const CHANGE = `UPDATE credentials SET password_hash = $2, unseen = $3, changed_at = now()
  WHERE user_id = $1 AND password_hash = $4 RETURNING 1`

async function standing(sql: Queryable, user: string): Promise<string | undefined> {
  const [row] = await sql.query<{ hash: string }>('SELECT password_hash AS hash FROM credentials WHERE user_id = $1', [
    user,
  ])
  return row?.hash
}
