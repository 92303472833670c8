import type { Sql } from './port.ts'

export interface SqlOptions {
  /** A Postgres server; its presence decides. */
  url?: string | undefined
  /** Where the embedded database lives otherwise. */
  directory?: string | undefined
  applicationName?: string
  /** Of a server, as are how long a connection is waited for, and how long a statement may take. */
  poolSize?: number
  connectMs?: number
  statementMs?: number
  /** How long a transaction may do nothing; 5000 by default. */
  idleInTransactionMs?: number
  /** Hears of the making of the embedded database, which takes seconds. */
  onProgress?: (line: string) => void
}

/** A server need not be there yet; the embedded database is open when this resolves. */
export async function openSql(options: SqlOptions): Promise<Sql> {
  const { url, directory, onProgress, idleInTransactionMs = 5000, ...pool } = options
  if (url) return (await import('./postgres.ts')).openPostgres({ url, idleInTransactionMs, ...pool })
  if (directory) {
    const { openPglite } = await import('./pglite.ts')
    return openPglite({ directory, idleInTransactionMs, ...(onProgress && { onProgress }) })
  }
  throw new Error('The database needs a url or a directory.')
}
