/** PostgreSQL as this project uses it: text with $1 parameters, rows as objects. Embedded, it is PGlite. */
export type Row = Record<string, unknown>

export interface Queryable {
  /**
   * One statement. json/jsonb come back parsed, bigint as number, timestamptz as an ISO string (milliseconds, Z), arrays
   * as arrays, bytea as Uint8Array; everything else that is no number or boolean as Postgres' text (numeric, date, uuid).
   *
   * A parameter that is a plain array is sent as a Postgres array, nested ones as further dimensions; a Date as its ISO
   * string; any other object as JSON; a string as it is, so for jsonb it must be JSON text. The statement says the type.
   *
   * Many rows in one statement, whatever their number, are parallel arrays (same length, null for NULL):
   *
   *     INSERT INTO users (id, version, data)
   *     SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::jsonb[])
   *     ON CONFLICT (id) DO UPDATE SET version = excluded.version, data = excluded.data
   *      WHERE users.version < excluded.version RETURNING id
   *
   * Elements of a jsonb[] are objects or JSON text; a JSON array among them must be text, or it would be a dimension.
   *
   * `name` prepares the statement once per connection; it belongs to one text for ever.
   * @throws SqlError with the SQLSTATE (`08006` where the server cannot be reached, `53300` where no connection became
   *   free in time); TypeError for a parameter that cannot be sent at all
   */
  query<R extends Row = Row>(text: string, params?: readonly unknown[], name?: string): Promise<R[]>
}

export interface Sql extends Queryable {
  /**
   * READ COMMITTED transaction on one connection: commits when `work` resolves, rolls back when it throws (and throws
   * that). Its statements run one at a time in the order asked for; after its end they are refused (`25P01`). Bounded: a
   * session idle in a transaction for 5 s is ended (`25P03`), unless that has set `idle_in_transaction_session_timeout` to 0
   * for itself (SET LOCAL; nothing else). `work` must use `tx` only: a query through the Sql itself
   * needs a second connection, and embedded there is none, so it would wait until the transaction is ended for idling.
   * @throws SqlError at the commit: a deferred constraint; `25P02` if `work` resolved although a statement had failed
   *   (all is undone); `08007` if the answer to COMMIT was lost, so that nobody knows whether it happened
   */
  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T>
  /** Several statements without parameters (a migration), in one transaction. */
  script(text: string): Promise<void>
  /** Waits for what runs (5 s, then it is cut off), then closes; calls after it are refused (`08003`). Idempotent. */
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
  /** True where the server could not be reached, is going away or is short of means, so that the same call may succeed later. */
  get unavailable(): boolean {
    if (this.code === '08P01') return false // a statement sent wrongly
    return /^(08|53|57P)/.test(this.code) || this.code === '25006'
  }
}
