import { randomBytes } from 'node:crypto'
import { openPostgres } from './postgres.ts'

/** For tests: an empty database of its own on the server of `url`. */
export async function scratchDatabase(url: string): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `scratch_${randomBytes(8).toString('hex')}`
  const admin = openPostgres({ url, poolSize: 1, applicationName: 'scratch' })
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
