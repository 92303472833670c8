/** PostgreSQL as this project uses it: text with $1 parameters, rows as objects. Embedded, it is PGlite. */
export type Row = Record<string, unknown>

export interface Queryable {
  /**
   * One statement. json/jsonb come back parsed, bigint as number, timestamptz as an ISO string, arrays as arrays; a
   * parameter that is a plain array is sent as a Postgres array; an object is sent as JSON.
   * `name` prepares the statement once per connection.
   * @throws SqlError with the SQLSTATE (`08006` where the server cannot be reached)
   */
  query<R extends Row = Row>(text: string, params?: readonly unknown[], name?: string): Promise<R[]>
}

export interface Sql extends Queryable {
  /**
   * READ COMMITTED transaction on one connection: commits when `work` resolves, rolls back when it throws (and throws
   * that). Bounded: a session idle in a transaction for 5 s is ended by the server.
   */
  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T>
  /** Several statements without parameters (a migration), in one transaction. */
  script(text: string): Promise<void>
  /** Waits for what runs (bounded), then closes. Idempotent. */
  close(): Promise<void>
}

export class SqlError extends Error {
  /** SQLSTATE, five characters. */
  readonly code: string
  readonly constraint: string | undefined
  constructor(message: string, code: string, constraint?: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'SqlError'
    this.code = code
    this.constraint = constraint
  }
  /** True where the server could not be reached or is going away, so that the same call may succeed later. */
  get unavailable(): boolean {
    return this.code.startsWith('08') || this.code.startsWith('57P') || this.code === '53300' || this.code === '25006'
  }
}
