import type { Logger } from 'pino'
import type { Actor } from './auth/actor.ts'

/** What a procedure knows of the HTTP request that carries it: one per call, also inside of a batch. */
export interface Context {
  requestId: string
  /** Null for open procedures called without a token. */
  actor: Actor | null
  /** The caller's own bearer token, for calls made on the caller's behalf. */
  bearer: string | undefined
  /** The client's address; a proxy's word is taken only where configured. */
  address: string
  /** Fires when the client has gone or the request's deadline has passed. */
  signal: AbortSignal
  log: Logger
  /** The trace that the call belongs to, in this call's own span (W3C): what calls and commands made for it carry. */
  traceparent: string | undefined
  /** Others' notes on the trace, for calls made for this one. */
  tracestate?: string | undefined
  /** Request headers with a meaning of their own, read once and checked. */
  asked: {
    idempotencyKey: string | undefined
    /** From If-Match: the entity has to be one of these; undefined where it may be any. */
    match: readonly Match[] | undefined
    /** From If-None-Match: that there be none at all, or none of some: a question of the answer to a query, and refused for a command. */
    noneMatch: '*' | 'tags' | undefined
    /** Milliseconds to wait for the outcome, from `Prefer: wait=N` (0 to 10 s, 2 s by default). */
    waitMs: number
    respondAsync: boolean
    /** What the client has seen: partition → offset. */
    seen: ReadonlyMap<number, number>
  }
  /** Response headers, and a status other than the procedure's own (202). */
  reply: { headers: Headers; status: number | undefined }
}

/** An ETag that can be current: a version, and the end of the entity's id where it is more than a version alone. */
export interface Match {
  version: number
  idEnd: string | undefined
}
