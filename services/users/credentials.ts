import type { Queryable, Sql } from '../../platform/sql/port.ts'
import type { CredentialsFile } from './credentials-file.ts'
import { endSessions } from './sessions.ts'

/** Password hashes in Postgres, and in the file beside it where Postgres is embedded. */
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

export async function openCredentials(sql: Sql, file?: CredentialsFile): Promise<Credentials> {
  if (file) await restore(sql, file)

  return {
    async first(user, hash) {
      const added = await sql.query(
        'INSERT INTO credentials (user_id, password_hash) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING 1',
        [user, hash],
      )
      if (added.length === 1) await file?.keep({ user, hash, unseen: false })
      return added.length === 1 ? hash : ((await standing(sql, user)) ?? hash)
    },

    async replace(user, before, hash, { staying, unseen = false } = {}) {
      const replaced = await sql.transaction(async (tx) => {
        const changed = await tx.query(before === undefined ? ADD : CHANGE, [
          user,
          hash,
          unseen,
          ...(before ? [before] : []),
        ])
        if (changed.length === 1) await endSessions(tx, user, staying)
        return changed.length === 1
      })
      if (replaced) await file?.keep({ user, hash, unseen })
      return replaced
    },

    async seen(user, hash) {
      await sql.query('UPDATE credentials SET unseen = false WHERE user_id = $1 AND password_hash = $2', [user, hash])
      await file?.keep({ user, hash, unseen: false })
    },

    async sweep() {
      await sql.query(
        `UPDATE credentials SET claimed = true WHERE NOT claimed AND EXISTS (SELECT 1 FROM users WHERE id = user_id)`,
      )
      const gone = await sql.query<{ user: string }>(
        `DELETE FROM credentials WHERE NOT claimed AND changed_at < now() - interval '1 day'
            OR EXISTS (SELECT 1 FROM users WHERE id = user_id AND deleted) RETURNING user_id AS user`,
      )
      if (gone.length > 0) await file?.keep(...gone.map(({ user }) => ({ user, hash: null, unseen: false })))
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

/** Puts back what the database has lost. What it still has is as new as the file, or newer. */
async function restore(sql: Sql, file: CredentialsFile): Promise<void> {
  const kept = file.kept.filter(({ hash }) => hash !== null)
  await sql.query(
    `INSERT INTO credentials (user_id, password_hash, unseen)
     SELECT * FROM unnest($1::uuid[], $2::text[], $3::bool[]) ON CONFLICT DO NOTHING`,
    [kept.map(({ user }) => user), kept.map(({ hash }) => hash), kept.map(({ unseen }) => unseen)],
  )
  await file.rewrite(
    await sql.query<{ user: string; hash: string; unseen: boolean }>(
      'SELECT user_id AS user, password_hash AS hash, unseen FROM credentials',
    ),
  )
}
