import { mkdir, readdir, readFile, rename, rm, rmdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { performance } from 'node:perf_hooks'
import type { PGlite } from '@electric-sql/pglite'

/**
 * Opens the database in `directory`, or makes it first. It is made beside its place and renamed into it when it is
 * complete, so whatever stands under the name is a whole database, however often the making was cut short.
 */
export async function openDirectory(directory: string, onProgress: (line: string) => void): Promise<PGlite> {
  const open = await library()
  if (!(await holdsDatabase(directory))) await make(directory, open, onProgress)
  // Left by a process that was killed. Who may use the directory is settled before this, by the owner of the data.
  await rm(join(directory, 'postmaster.pid'), { force: true })
  try {
    return await open(directory)
  } catch (error) {
    const version = (await readFile(join(directory, 'PG_VERSION'), 'utf8')).trim()
    throw new Error(`The database in ${directory} (made by PostgreSQL ${version}) cannot be opened.`, { cause: error })
  }
}

/** It is an optional dependency: whoever has a real Postgres need not install it. */
async function library(): Promise<(directory: string) => Promise<PGlite>> {
  const [{ PGlite }, { pg_trgm }] = await Promise.all([
    import('@electric-sql/pglite'),
    import('@electric-sql/pglite/contrib/pg_trgm'),
  ]).catch((error) => {
    throw new Error('The embedded database needs the package @electric-sql/pglite; install it, or set DATABASE_URL.', {
      cause: error,
    })
  })
  return (directory) => PGlite.create(directory, { extensions: { pg_trgm } })
}

async function holdsDatabase(directory: string): Promise<boolean> {
  const files: string[] = await readdir(directory).catch((error) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  if (files.length === 0) return false
  if (files.includes('PG_VERSION')) return true
  throw new Error(`${directory} holds something else than a database; move it away, or choose another directory.`)
}

async function make(
  directory: string,
  open: (directory: string) => Promise<PGlite>,
  onProgress: (line: string) => void,
) {
  onProgress(`Making the database in ${directory}, this once: a few seconds`)
  const started = performance.now()
  const unfinished = `${directory}.unfinished`
  await rm(unfinished, { recursive: true, force: true })
  await mkdir(dirname(directory), { recursive: true })
  const db = await open(unfinished)
  await db.close()
  await rmdir(directory).catch(() => undefined) // an empty one may be there; not everywhere can it be renamed over
  await rename(unfinished, directory)
  onProgress(`Made the database in ${((performance.now() - started) / 1000).toFixed(1)} s`)
}
