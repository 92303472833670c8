import type { Metrics } from '../telemetry/metrics.ts'
import { type Sql, SqlError } from './port.ts'

/** A database that counts and times what it is asked: with the wait for a connection, and a transaction as a whole. */
export function observedSql(sql: Sql, metrics: Metrics): Sql {
  const seconds = metrics.histogram('sql_seconds', 'Statements and transactions, with the wait for a connection.', [
    'kind',
  ])
  const running = metrics.gauge('sql_running', 'Statements and transactions that hold a connection or wait for one.')
  const unavailable = metrics.counter('sql_unavailable_total', 'Those that found no server, or no connection in time.')
  const timed = { query: seconds.labels('query'), transaction: seconds.labels('transaction') }

  async function observe<T>(kind: keyof typeof timed, work: () => Promise<T>): Promise<T> {
    const began = performance.now()
    running.inc()
    try {
      return await work()
    } catch (error) {
      if (error instanceof SqlError && error.unavailable) unavailable.inc()
      throw error
    } finally {
      running.dec()
      timed[kind].observe((performance.now() - began) / 1000)
    }
  }

  return {
    ...sql,
    query: (text, params, name) => observe('query', () => sql.query(text, params, name)),
    transaction: (work) => observe('transaction', () => sql.transaction(work)),
  }
}
