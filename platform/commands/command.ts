import type { Actor } from '../auth/actor.ts'

/** A request on the log, as JSON. What a mutation's handler returns is a Draft; the platform makes the Command of it. */
export interface Command<P = unknown> {
  /** Version of this envelope. */
  v: 1
  /** UUIDv7, or UUIDv8 of (actor, procedure, Idempotency-Key). */
  id: string
  /** Imperative, with the entity first: `task.create`. */
  type: string
  /** Version of this type's payload. */
  schema: number
  /** When the edge accepted it, ISO 8601: the only clock that a decision knows. */
  at: string
  /** Who asks; id null for a registration, `system` for the system's own: the first admin, tasks of a removed project. */
  actor: { id: string | null; role: Actor['role'] | 'system' }
  /** The entity that it makes or changes. */
  entity: string
  /** Aggregate root: decides the partition. */
  root: string
  payload: P
  /** Decided against (412) unless the entity has this version. */
  expectedVersion?: number
  /** SHA-256 of procedure and input, secrets left out: tells a retry from a key used again. */
  hash: string
  /** True where `id` comes from an Idempotency-Key. */
  keyed: boolean
  request: string
  /** The trace of the request, in the request's span (W3C); absent for what no request has asked for. */
  traceparent?: string
}

/** What the handler of a command procedure returns: the change it asks for, with references resolved to ids. */
export interface Draft {
  type: string
  schema?: number
  /** The entity made (`call.newId`) or changed. */
  entity: string
  root: string
  payload: Record<string, unknown>
  expectedVersion?: number
}

export interface Position {
  partition: number
  offset: number
}

/** A decided fact: past tense, carrying the entity as it became, so that every projection and recovery needs only it. */
export interface Event<E extends Entity = Entity> {
  /** `task.moved` */
  type: string
  /** Version of `data`'s shape. */
  schema: number
  /** `task`: names the table, the cache key and the reader. */
  kind: string
  id: string
  version: number
  data: E
}

/** What every entity has. The row's `data`, the cached value and the event carry this same JSON. */
export interface Entity {
  id: string
  version: number
  createdAt: string
  updatedAt: string
  /** A tombstone: ids are never used twice, so the row stays. */
  deleted?: boolean
}

export interface Rejection {
  code: string
  detail?: string
  extra?: Record<string, unknown>
}

/** The outcome of one command: a record on `events`, and the column `record` of table `outcomes`. */
export interface Outcome {
  v: 1
  /** Of the database that decided it; a rebuild takes the next one. */
  incarnation: number
  partition: number
  offset: number
  command: string
  type: string
  entity: string
  actor: string | null
  hash: string
  at: string
  request: string
  /** Empty for a rejection, a no-op and a repeat. */
  events: Event[]
  rejection?: Rejection
  /** The entity as it was, where nothing had to change: the answer of a no-op. */
  entityAsIs?: Entity
  /** A repeat of an earlier command under the same key: its answer is the one at this position. */
  repeats?: Position
  /** The same trace, in the span of the decision. */
  traceparent?: string
}

/** What a mutation answers when its outcome is not awaited, or not known in time. */
export interface Receipt {
  status: 'accepted'
  /** Id for GET /operations/{id}: bound to the position and the actor. */
  operation: string
  /** The entity that is made or changed. */
  id: string
  /** Consistency token that covers this command. */
  token: string
}
