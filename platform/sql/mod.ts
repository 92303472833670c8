import type { Sql } from './port.ts'

export interface SqlOptions {
  /** A Postgres server; its presence decides. */
  url?: string | undefined
  /** Where the embedded database lives otherwise. */
  directory?: string | undefined
  applicationName?: string
  poolSize?: number
  /** Hears of the making of the embedded database, which takes seconds. */
  onProgress?: (line: string) => void
}

/** A server need not be there yet; the embedded database is open when this resolves. */
export async function openSql(options: SqlOptions): Promise<Sql> {
  const { url, directory, onProgress, ...pool } = options
  if (url) return (await import('./postgres.ts')).openPostgres({ url, ...pool })
  if (directory) return (await import('./pglite.ts')).openPglite({ directory, ...(onProgress && { onProgress }) })
  throw new Error('The database needs a url or a directory.')
}
