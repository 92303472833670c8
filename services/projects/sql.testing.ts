import type { Sql } from '../../platform/sql/port.ts'
import type { StoredProject } from './schema.ts'

/** Writes projects as the consumer does: all of them in one statement. */
export async function saveProjects(sql: Sql, ...projects: readonly StoredProject[]): Promise<void> {
  await sql.query(
    `INSERT INTO projects (id, version, data) SELECT * FROM unnest($1::uuid[], $2::int[], $3::jsonb[])
     ON CONFLICT (id) DO UPDATE SET version = excluded.version, data = excluded.data`,
    [projects.map(({ id }) => id), projects.map(({ version }) => version), projects],
  )
}
