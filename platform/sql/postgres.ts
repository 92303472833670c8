import pg from 'pg'
import { within } from '../waiting.ts'
import { borrow, type Connection, isStalePlan } from './connection.ts'
import { closed, isDatabaseError, toSqlError } from './failure.ts'
import { type Row, type Sql, SqlError } from './port.ts'
import { afterTheEnd, statements } from './statements.ts'
import { decoders } from './values.ts'

export interface PostgresOptions {
  url: string
  /** Most connections at once; the others wait for theirs, up to `connectMs`. */
  poolSize?: number
  applicationName?: string
  /** To connect, or to get a connection from the pool. */
  connectMs?: number
  /** For one statement, by the server; the client waits two seconds longer. */
  statementMs?: number
  /** For one `script`. */
  scriptMs?: number
  idleInTransactionMs?: number
  closeMs?: number
}

const PATIENCE_MS = 2000

export function openPostgres(options: PostgresOptions): Sql {
  const { connectMs = 5000, statementMs = 10_000, scriptMs = 600_000, closeMs = 5000 } = options
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.poolSize ?? 10,
    application_name: options.applicationName,
    connectionTimeoutMillis: connectMs,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    statement_timeout: statementMs,
    idle_in_transaction_session_timeout: options.idleInTransactionMs ?? 5000,
    options: '-c TimeZone=UTC',
    types: { getTypeParser: (oid: number) => decoders.get(oid) ?? ((text: string) => text) },
  })
  pool.on('error', () => undefined) // an idle connection broke; the pool has dropped it already
  const borrowed = new Set<pg.PoolClient>()

  async function withConnection<T>(use: (connection: Connection) => Promise<T>): Promise<T> {
    const client = await pool.connect().catch((error) => {
      throw connectFailure(error)
    })
    const connection = borrow(client, statementMs + PATIENCE_MS)
    borrowed.add(client)
    try {
      return await use(connection)
    } finally {
      borrowed.delete(client)
      connection.release()
    }
  }

  async function inTransaction<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    return withConnection(async (connection) => {
      await connection.command('BEGIN ISOLATION LEVEL READ COMMITTED')
      let result: T
      try {
        result = await work(connection)
      } catch (error) {
        await connection.command('ROLLBACK').catch(connection.spoil)
        throw error
      }
      await commit(connection)
      return result
    })
  }

  let closing: Promise<void> | undefined

  return {
    query<R extends Row>(text: string, params?: readonly unknown[], name?: string) {
      return withConnection((connection) =>
        connection.run(text, params, name).catch((error) => {
          if (!isStalePlan(error, name)) throw error
          return connection.run(text, params)
        }),
      ) as Promise<R[]>
    },

    transaction(work) {
      return inTransaction(async (connection) => {
        const { tx, settled, end } = statements(connection.run)
        try {
          const result = await work(tx)
          await settled()
          return result
        } finally {
          end(afterTheEnd())
          await settled()
        }
      })
    },

    script(text) {
      return inTransaction(async (connection) => {
        await connection.command(`SET LOCAL statement_timeout = ${scriptMs}`)
        await connection.command(text, scriptMs + PATIENCE_MS)
      })
    },

    close() {
      closing ??= end(pool, borrowed, closeMs)
      return closing
    },
  }
}

/** A COMMIT whose answer is lost leaves the outcome unknown, which has a SQLSTATE of its own. */
async function commit(connection: Connection): Promise<void> {
  if (connection.lost) throw connection.lost
  const tag = await connection.command('COMMIT').catch((error) => {
    if (!(error instanceof SqlError) || error.code !== '08006') throw error
    throw new SqlError(`the answer to COMMIT was lost: ${error.message}`, '08007', undefined, { cause: error })
  })
  // Work swallowed the error of one of its statements, so the server has undone everything and says so only here.
  if (tag === 'ROLLBACK') throw new SqlError('the transaction had failed and was rolled back', '25P02')
}

/** The pool tells its own refusals in words only. */
function connectFailure(error: unknown): SqlError {
  const words = !isDatabaseError(error) && error instanceof Error ? error.message : ''
  if (words.includes('after calling end')) return closed()
  if (words.includes('timeout exceeded when trying')) {
    return new SqlError('all connections to Postgres are in use', '53300', undefined, { cause: error })
  }
  return toSqlError(error)
}

async function end(pool: pg.Pool, borrowed: Set<pg.PoolClient>, deadlineMs: number): Promise<void> {
  const ended = await within(
    pool.end().then(() => true),
    deadlineMs,
  )
  if (!ended) for (const client of borrowed) void client.end()
}
