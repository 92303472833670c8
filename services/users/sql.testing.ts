import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadMigrations, migrate } from '../../platform/sql/migrations.ts'
import { openSql } from '../../platform/sql/mod.ts'
import type { Sql } from '../../platform/sql/port.ts'
import { scratchDatabase } from '../../platform/sql/scratch.testing.ts'
import type { StoredUser } from './schema.ts'

/** A database with this service's tables: embedded, or of its own on the server at `url`. */
export async function usersDatabase(url?: string): Promise<{ sql: Sql; close(): Promise<void> }> {
  const scratch = url === undefined ? undefined : await scratchDatabase(url)
  const directory = await mkdtemp(join(tmpdir(), 'trefoil-users-'))
  const sql = await openSql(scratch ? { url: scratch.url } : { directory: join(directory, 'sql') })
  await migrate(sql, await loadMigrations(new URL('./migrations', import.meta.url), 'users'))
  return {
    sql,
    async close() {
      await sql.close()
      await scratch?.drop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** Writes a user as the consumer does. */
export async function saveUser(sql: Sql, user: StoredUser): Promise<void> {
  await sql.query(
    `INSERT INTO users (id, version, data) VALUES ($1, $2, $3)
     ON CONFLICT (id) DO UPDATE SET version = excluded.version, data = excluded.data`,
    [user.id, user.version, user],
  )
}
