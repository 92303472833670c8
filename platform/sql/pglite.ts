import type { PGlite, Transaction } from '@electric-sql/pglite'
import { closed, isDatabaseError, toSqlError } from './failure.ts'
import { openDirectory } from './pglite-directory.ts'
import { type Row, type Sql, SqlError } from './port.ts'
import { afterTheEnd, statements } from './statements.ts'
import { encode } from './values.ts'

export interface PgliteOptions {
  /** Belongs to one process at a time; made if it is not there. */
  directory: string
  /** Hears lines for people to read while the database is made. */
  onProgress?: (line: string) => void
  idleInTransactionMs?: number
  closeMs?: number
}

/**
 * Postgres in this process, on one connection: transactions run one after another, and a query outside of them waits
 * for the one that runs. It never syncs to disk: what is committed survives the death of the process, not of the machine.
 */
export async function openPglite(options: PgliteOptions): Promise<Sql> {
  const { idleInTransactionMs = 5000, closeMs = 5000 } = options
  const db = await openDirectory(options.directory, options.onProgress ?? (() => undefined))
  const running = new Set<Interruption>()
  let closing: Promise<void> | undefined
  let overdue = false

  async function exclusive<T>(work: (native: Transaction) => Promise<T>): Promise<T> {
    if (closing) throw closed()
    return db
      .transaction((native) => {
        if (overdue) throw closed()
        return work(native)
      })
      .catch((error) => {
        throw isDatabaseError(error) ? failure(error) : error
      })
  }

  return {
    async query<R extends Row>(text: string, params?: readonly unknown[]) {
      if (closing) throw closed()
      return (await run(db, text, params)) as R[]
    },

    transaction(work) {
      return exclusive(async (native) => {
        const interruption = interruptible(idleInTransactionMs)
        const { tx, settled, end } = statements((text, params) => run(native, text, params).finally(interruption.idle))
        running.add(interruption)
        interruption.idle()
        try {
          const result = await Promise.race([work(tx), interruption.happened])
          await settled()
          return result
        } finally {
          end(interruption.reason ?? afterTheEnd())
          await settled()
          interruption.over()
          running.delete(interruption)
        }
      })
    },

    async script(text) {
      await exclusive((native) => native.exec(text))
    },

    close() {
      closing ??= end(db, closeMs, () => {
        overdue = true
        for (const interruption of running) interruption.interrupt(closed())
      })
      return closing
    },
  }
}

async function run(on: Pick<PGlite, 'query'>, text: string, params: readonly unknown[] = []): Promise<Row[]> {
  const values = params.map(encode)
  try {
    return (await on.query<Row>(text, values)).rows
  } catch (error) {
    throw failure(error)
  }
}

/** PGlite hangs the parameters on its errors; they may be secrets, and errors are logged. */
function failure(error: unknown): SqlError {
  if (error instanceof Error && 'params' in error) error.params = undefined
  return toSqlError(error, 'XX000')
}

interface Interruption {
  /** A statement has been answered (it ran while everything stood still): from now the transaction has so long to go on. */
  idle(): void
  interrupt(reason: SqlError): void
  readonly happened: Promise<never>
  readonly reason: SqlError | undefined
  over(): void
}

/** Does what a server does by `idle_in_transaction_session_timeout`: one forgotten transaction must not stop them all. */
function interruptible(idleMs: number): Interruption {
  let timer: NodeJS.Timeout | undefined
  let reason: SqlError | undefined
  let reject: (reason: SqlError) => void = () => undefined
  const happened = new Promise<never>((_, refuse) => {
    reject = refuse
  })
  happened.catch(() => undefined) // it may happen when the work is done already
  const interrupt = (why: SqlError) => {
    reason ??= why
    reject(why)
  }
  return {
    idle() {
      clearTimeout(timer)
      timer = setTimeout(() => interrupt(new SqlError('the transaction was idle for too long', '25P03')), idleMs)
    },
    interrupt,
    happened,
    get reason() {
      return reason
    },
    over: () => clearTimeout(timer),
  }
}

async function end(db: PGlite, deadlineMs: number, cutOff: () => void): Promise<void> {
  const timer = setTimeout(cutOff, deadlineMs)
  await db.close().finally(() => clearTimeout(timer))
}
