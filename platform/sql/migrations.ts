import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { type Sql, SqlError } from './port.ts'

export interface Migration {
  /** `users/001_users`: unique, never reused. */
  name: string
  sql: string
}

/** Any number will do, as long as nothing else in the database locks it: "trefoil" in ASCII. */
const LOCK_KEY = '32776877134276972'

/**
 * Runs those of `migrations` that have not run, in the order given, each in one transaction with its row in the table
 * `migrations`. Processes that start together take turns. Names in the table that are not in the list are left alone:
 * newer code was here, and this process is older.
 * @param waitMs how long to wait for another process that is migrating
 * @returns the names applied by this call
 * @throws Error naming the migration whose text was changed after it had run; SqlError naming the one that failed
 */
export async function migrate(sql: Sql, migrations: readonly Migration[], waitMs = 60_000): Promise<string[]> {
  const applied: string[] = []
  let known = await readKnown(sql, waitMs)
  for (const migration of migrations) {
    const checksum = checksumOf(migration)
    if (!known.has(migration.name)) {
      if (await apply(sql, migration, checksum, waitMs)) applied.push(migration.name)
      else known = await readKnown(sql, waitMs)
    }
    const before = known.get(migration.name) ?? checksum
    if (before !== checksum) {
      throw new Error(`Migration ${migration.name} was changed after it had run; put it back, and write a new one.`)
    }
  }
  return applied
}

/** The files `NNN_name.sql` of a folder, by number. */
export async function loadMigrations(folder: URL, service: string): Promise<Migration[]> {
  const base = new URL(folder.href.endsWith('/') ? folder : `${folder.href}/`)
  const files = (await readdir(base)).filter((file) => file.endsWith('.sql')).sort()
  const numbers = new Set<string>()
  for (const file of files) {
    const number = /^(\d{3})_[a-z0-9_]+\.sql$/.exec(file)?.[1]
    if (!number) throw new Error(`${service}/${file}: the name of a migration is 001_like_this.sql.`)
    if (numbers.has(number)) throw new Error(`${service}/${file}: there are two migrations with the number ${number}.`)
    numbers.add(number)
  }
  return Promise.all(
    files.map(async (file) => ({
      name: `${service}/${file.slice(0, -'.sql'.length)}`,
      sql: await readFile(new URL(file, base), 'utf8'),
    })),
  )
}

/** Line ends are not counted: a checkout may change them. */
function checksumOf(migration: Migration): string {
  return createHash('sha256').update(migration.sql.replaceAll('\r\n', '\n')).digest('hex')
}

async function readKnown(sql: Sql, waitMs: number): Promise<Map<string, string>> {
  const read = () => sql.query<{ name: string; checksum: string }>('SELECT name, checksum FROM migrations')
  const rows = await read().catch(async (error) => {
    if (!hasCode(error, '42P01')) throw error
    await locked(
      sql,
      'CREATE TABLE IF NOT EXISTS migrations (name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())',
      waitMs,
    )
    return read()
  })
  return new Map(rows.map((row) => [row.name, row.checksum]))
}

/** False if another process was first. The row comes before the statements, so that its conflict saves running them. */
async function apply(sql: Sql, { name, sql: text }: Migration, checksum: string, waitMs: number): Promise<boolean> {
  if (!/^[a-z0-9_/]+$/.test(name)) throw new Error(`"${name}" is no name for a migration.`)
  try {
    await locked(sql, `INSERT INTO migrations (name, checksum) VALUES ('${name}', '${checksum}');\n${text}`, waitMs)
    return true
  } catch (error) {
    if (hasCode(error, '23505') && error.constraint === 'migrations_pkey') return false
    if (!(error instanceof SqlError)) throw error
    throw new SqlError(`Migration ${name} failed: ${error.message}`, error.code, error.constraint, { cause: error })
  }
}

async function locked(sql: Sql, statements: string, waitMs: number): Promise<void> {
  const lock = `SET LOCAL lock_timeout = ${waitMs}; SELECT pg_advisory_xact_lock(${LOCK_KEY}); SET LOCAL lock_timeout = 0;`
  try {
    await sql.script(`${lock}\n${statements}`)
  } catch (error) {
    if (!hasCode(error, '55P03')) throw error
    throw new Error(`Another process has been migrating this database for more than ${waitMs / 1000} s.`, {
      cause: error,
    })
  }
}

function hasCode(error: unknown, code: string): error is SqlError {
  return error instanceof SqlError && error.code === code
}
