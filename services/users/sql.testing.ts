import type { Sql } from '../../platform/sql/port.ts'
import type { StoredUser } from './schema.ts'

/** Writes a user as the consumer does. */
export async function saveUser(sql: Sql, user: StoredUser): Promise<void> {
  await sql.query(
    `INSERT INTO users (id, version, data) VALUES ($1, $2, $3)
     ON CONFLICT (id) DO UPDATE SET version = excluded.version, data = excluded.data`,
    [user.id, user.version, user],
  )
}
