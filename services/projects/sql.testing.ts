import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadMigrations, migrate } from '../../platform/sql/migrations.ts'
import { openSql } from '../../platform/sql/mod.ts'
import type { Sql } from '../../platform/sql/port.ts'
import type { StoredProject } from './schema.ts'

/** An embedded database with this service's tables. */
export async function projectsDatabase(): Promise<{ sql: Sql; close(): Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'trefoil-projects-'))
  const sql = await openSql({ directory: join(directory, 'sql') })
  await migrate(sql, await loadMigrations(new URL('./migrations', import.meta.url), 'projects'))
  return {
    sql,
    async close() {
      await sql.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** Writes projects as the consumer does: all of them in one statement. */
export async function saveProjects(sql: Sql, ...projects: readonly StoredProject[]): Promise<void> {
  await sql.query(
    `INSERT INTO projects (id, version, data) SELECT * FROM unnest($1::uuid[], $2::int[], $3::jsonb[])
     ON CONFLICT (id) DO UPDATE SET version = excluded.version, data = excluded.data`,
    [projects.map(({ id }) => id), projects.map(({ version }) => version), projects],
  )
}
