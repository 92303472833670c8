import type { Context } from '../../context.ts'
import type { Procedure } from '../../contract/contract.ts'
import type { Draft, Entity, Receipt } from '../command.ts'
import type { Mark } from '../watermarks/watermarks.ts'

/** One call of a command procedure, its input parsed. */
export interface Call {
  ctx: Context
  /** `tasks.create` */
  procedure: string
  spec: Procedure
  input: Record<string, unknown>
  /** What its entity needs in order to be readable. */
  mark: Mark
}

/** Ids of a call: random, or made of actor, procedure and Idempotency-Key, so that a retry makes the same ones. */
export interface Identity {
  command: string
  /** For the entity, where the command makes one. */
  newId: string
  hash: string
  keyed: boolean
}

/** The entity as decided at the command's position, a tombstone where it was removed; or that it is not known yet. */
export type Answer = { entity: Entity } | { receipt: Receipt }

/**
 * The edge of the write path, in the order in which a command procedure uses it: identify, prepare, earlier, (the handler's
 * cheap checks and its Draft, and earlier again where they refuse), submit. All throw Failure, with a stable code, and
 * nothing else that a client may see.
 */
export interface CommandEdge {
  identify(call: Call): Identity
  /** What has to be kept or proven beside the log before anything is answered; once a call. */
  prepare?(call: Call, identity: Identity): Promise<void>
  /**
   * The answer of a keyed command that was seen before, whatever a check would say now; null where it is new or has no key.
   * @throws Failure `idempotency.reused`, `idempotency.expired`, or the first one's rejection
   */
  earlier(call: Call, identity: Identity): Promise<Answer | null>
  /**
   * Appends the command and waits as the call asks. Puts `Consistency-Token` on the reply; what else a receipt looks like
   * on the wire (202, `Location`) is the faces'.
   * @throws Failure with the rejection's code, `log.unavailable`, `log.unknown`, `service.overloaded`
   */
  submit(call: Call, identity: Identity, draft: Draft): Promise<Answer>
}
