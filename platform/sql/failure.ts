import { SqlError } from './port.ts'

/** What Postgres' own errors look like in both libraries; everything else they throw is about the connection. */
interface DatabaseError extends Error {
  severity: string
  code: string
  constraint?: string
}

export function isDatabaseError(error: unknown): error is DatabaseError {
  return error instanceof Error && 'severity' in error && 'code' in error && typeof error.code === 'string'
}

/** A server that says FATAL or PANIC ends the session with it. */
export function endsSession(error: unknown): boolean {
  return !isDatabaseError(error) || error.severity === 'FATAL' || error.severity === 'PANIC'
}

export function toSqlError(error: unknown, otherwise = '08006'): SqlError {
  if (error instanceof SqlError) return error
  if (isDatabaseError(error)) return new SqlError(error.message, error.code, error.constraint, { cause: error })
  return new SqlError(`no answer from Postgres: ${reason(error)}`, otherwise, undefined, { cause: error })
}

export const closed = () => new SqlError('the database is closed', '08003')

/** Node reports a refused connection as an AggregateError without a message. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.message || ('code' in error ? String(error.code) : error.name)
}
