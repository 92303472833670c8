import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { cp, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openSql } from './mod.ts'

/** A database is dropped after a checkpoint, which on a busy disk takes more than other statements may. */
const STATEMENT_MS = 60_000

/** For tests: an empty database of its own on the server of `url`. */
export async function scratchDatabase(url: string): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `scratch_${randomBytes(8).toString('hex')}`
  const { openPostgres } = await import('./postgres.ts')
  const admin = openPostgres({ url, poolSize: 1, applicationName: 'scratch', statementMs: STATEMENT_MS })
  try {
    await admin.query(`CREATE DATABASE ${name}`)
  } catch (error) {
    await admin.close()
    throw error
  }
  const own = new URL(url)
  own.pathname = `/${name}`
  return {
    url: own.href,
    async drop() {
      await admin.query(`DROP DATABASE ${name} WITH (FORCE)`)
      await admin.close()
    },
  }
}

/** For tests: the directory of an empty embedded database, copied from one that is made once, because making takes seconds. */
export async function scratchDirectory(): Promise<{ directory: string; remove(): Promise<void> }> {
  const parent = await mkdtemp(join(tmpdir(), 'trefoil-sql-'))
  const directory = join(parent, 'db')
  await cp(await template(), directory, { recursive: true, mode: constants.COPYFILE_FICLONE })
  return { directory, remove: () => rm(parent, { recursive: true, force: true }) }
}

/** Several processes may come here at once: whoever is first puts it into its place, complete. */
async function template(): Promise<string> {
  const modules = fileURLToPath(new URL('../../node_modules/', import.meta.url))
  const { version } = JSON.parse(await readFile(join(modules, '@electric-sql/pglite/package.json'), 'utf8'))
  const place = join(modules, '.cache', 'trefoil', `pglite-${version}`)
  if (await exists(place)) return place
  const own = `${place}-${randomBytes(4).toString('hex')}`
  await openSql({ directory: own }).then((sql) => sql.close())
  await rename(own, place).catch(async (error) => {
    await rm(own, { recursive: true })
    if (!(await exists(place))) throw error
  })
  return place
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
