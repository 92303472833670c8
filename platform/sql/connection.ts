import type pg from 'pg'
import { endsSession, toSqlError } from './failure.ts'
import { type Row, SqlError } from './port.ts'
import { encode } from './values.ts'

/** One connection borrowed from the pool. It goes back only if nothing happened to it. */
export interface Connection {
  run(text: string, params?: readonly unknown[], name?: string): Promise<Row[]>
  /** Text without parameters, of one statement or several; resolves to the tag of a single one, such as `COMMIT`. */
  command(text: string, deadlineMs?: number): Promise<string>
  /** Why the session ended between two statements, where it did. */
  readonly lost: SqlError | undefined
  /** Never lets it go back. */
  spoil(): void
  release(): void
}

/**
 * @param deadlineMs the end of patience with a server that keeps silent (a half-open connection); longer than its own
 *   `statement_timeout`, so that a slow statement is ended by the server, which then knows of it.
 */
export function borrow(client: pg.PoolClient, deadlineMs: number): Connection {
  let fit = true
  let lost: SqlError | undefined
  const onError = (error: Error) => {
    fit = false
    lost ??= toSqlError(error)
  }
  // The pool listens while a connection is idle, nobody while it is borrowed; an unheard 'error' ends the process.
  client.on('error', onError)

  async function send<T>(answer: () => Promise<T>): Promise<T> {
    if (lost) throw lost
    try {
      return await answer()
    } catch (error) {
      if (endsSession(error)) fit = false
      throw toSqlError(error)
    }
  }

  return {
    async run(text, params = [], name) {
      const values = params.map(encode)
      const config = { text, values, name, queryMode: 'extended', query_timeout: deadlineMs }
      try {
        return (await send(() => client.query<Row>(config))).rows
      } catch (error) {
        if (isStalePlan(error, name)) fit = false
        throw error
      }
    },
    async command(text, deadline = deadlineMs) {
      const config = { text, query_timeout: deadline }
      return (await send(() => client.query(config))).command
    },
    get lost() {
      return lost
    },
    spoil() {
      fit = false
    },
    release() {
      client.release(!fit)
      client.off('error', onError)
    },
  }
}

/** A migration changed the columns of a prepared statement: on this connection it would fail for ever. */
export function isStalePlan(error: unknown, name: string | undefined): boolean {
  return name !== undefined && error instanceof SqlError && error.code === '0A000'
}
