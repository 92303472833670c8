/**
 * The cache: text values with a time to live, and the four atomic moves of the read-through protocol. It is never
 * the truth, has no persistence, may lose anything at any time. Every method fails fast (100 ms) by throwing
 * CacheUnavailable; a reply is the only proof that a move happened, and a move without one may happen later.
 *
 * A value is JSON text that begins `{"version":N,"epoch":E,` with N ≥ 1; a ticket is JSON text that begins
 * `{"version":0,"ticket":"ID"`. Nothing else of the text is looked at. Any other text (a stamp, say) counts as older
 * than every value.
 */
export interface Cache {
  /** True if it lives in this process, dies with it and is seen by nobody else. */
  readonly local: boolean
  /** Values by key, in order; null where there is none. Tickets are returned as they are. */
  read(keys: readonly string[]): Promise<(string | null)[]>
  /**
   * Puts `value` (a ticket, or a scope's stamp) where there is nothing, or where exactly the text `stale` is: what
   * the caller has read and judged to be of an older epoch. Resolves to null if it was put, otherwise to what is there.
   */
  take(key: string, value: string, ttlMs: number, stale?: string): Promise<string | null>
  /** Replaces the ticket with this id by `value`; false if that very ticket is not there. */
  fill(key: string, ticket: string, value: string, ttlMs: number): Promise<boolean>
  /**
   * The projector's move, all entries in one round trip, in order. `newer`: replaces what is there if it is a ticket, an
   * older version, or an equal version of an older epoch, and creates nothing. `always`: puts the value unconditionally.
   * Resolves only if every entry was acknowledged.
   */
  refresh(entries: readonly Refresh[]): Promise<void>
  /** Gives up what runs; calls after it throw. Idempotent. */
  close(): Promise<void>
}

export interface Refresh {
  key: string
  value: string
  ttlMs: number
  mode: 'newer' | 'always'
}

export class CacheUnavailable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'CacheUnavailable'
  }
}
