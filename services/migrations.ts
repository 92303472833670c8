import { loadMigrations, type Migration } from '../platform/sql/migrations.ts'

/** Every service's numbered SQL, in the order in which it is run. */
export const migrationFolders = ['consumer', 'users', 'projects', 'tasks', 'documents'].map((service) => ({
  service,
  folder: new URL(`./${service}/migrations/`, import.meta.url),
}))

export async function allMigrations(): Promise<Migration[]> {
  const lists = await Promise.all(migrationFolders.map(({ service, folder }) => loadMigrations(folder, service)))
  return lists.flat()
}
