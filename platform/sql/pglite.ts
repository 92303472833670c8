import { createTurns } from '../waiting.ts'
import { closed } from './failure.ts'
import { openDirectory } from './pglite-directory.ts'
import { openSession } from './pglite-session.ts'
import { type Queryable, type Row, type Sql, SqlError } from './port.ts'
import { afterTheEnd, statements } from './statements.ts'

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
  const session = await openSession(db)
  const turn = createTurns()
  const running = new Set<Interruption>()
  let closing: Promise<void> | undefined
  let overdue = false

  async function exclusive<T>(work: () => Promise<T>): Promise<T> {
    if (closing) throw closed()
    return turn(async () => {
      if (overdue) throw closed()
      return work()
    })
  }

  const inTransaction = <T>(work: () => Promise<T>): Promise<T> =>
    exclusive(async () => {
      await session.command('BEGIN')
      const result = await work().catch(async (error: unknown) => {
        await session.command('ROLLBACK')
        throw error
      })
      // A statement had failed, and work went on as if it had not.
      if ((await session.command('COMMIT')) === 'ROLLBACK') throw new SqlError('the transaction was undone', '25P02')
      return result
    })

  async function end(): Promise<void> {
    const cutOff = setTimeout(() => {
      overdue = true
      for (const interruption of running) interruption.interrupt(closed())
    }, closeMs)
    await turn(() => db.close()).finally(() => clearTimeout(cutOff))
  }

  return {
    async query<R extends Row>(text: string, params?: readonly unknown[], name?: string) {
      return (await exclusive(() => session.run(text, params, name))) as R[]
    },

    transaction(work) {
      return inTransaction(async () => {
        const interruption = interruptible(idleInTransactionMs, () => mayIdle(tx))
        const { tx, settled, end } = statements((...said) => session.run(...said).finally(interruption.idle))
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
      await inTransaction(() => session.command(text))
    },

    close() {
      closing ??= end()
      return closing
    },
  }
}

interface Interruption {
  /** A statement has been answered (it ran while everything stood still): from now the transaction has so long to go on. */
  idle(): void
  interrupt(reason: SqlError): void
  readonly happened: Promise<never>
  readonly reason: SqlError | undefined
  over(): void
}

/**
 * Whether the transaction has set this limit to 0, as it would on a server. Where it has not, that is the value too: here the
 * limit is never anything else, because the library would start a timer of its own, and die of it.
 */
async function mayIdle(tx: Queryable): Promise<boolean> {
  const set = tx.query(
    `SELECT FROM pg_settings WHERE name = 'idle_in_transaction_session_timeout' AND source = 'session' AND setting = '0'`,
  )
  const rows = await set.catch(() => []) // a statement has failed, and the work idles nevertheless
  return rows.length > 0
}

/** Does what a server does by `idle_in_transaction_session_timeout`: one forgotten transaction must not stop them all. */
function interruptible(idleMs: number, mayIdle: () => Promise<boolean>): Interruption {
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
  async function ring(): Promise<void> {
    if (!(await mayIdle())) interrupt(new SqlError('the transaction was idle for too long', '25P03'))
  }
  return {
    idle() {
      clearTimeout(timer)
      timer = setTimeout(ring, idleMs)
    },
    interrupt,
    happened,
    get reason() {
      return reason
    },
    over: () => clearTimeout(timer),
  }
}
