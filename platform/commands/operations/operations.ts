import type { Actor } from '../../auth/actor.ts'
import { Failure } from '../../errors/failure.ts'
import { type Clock, systemClock } from '../../waiting.ts'
import type { Entity, Outcome, Rejection } from '../command.ts'
import type { Watermarks } from '../watermarks/watermarks.ts'
import type { OperationIds } from './operation-id.ts'
import type { Outcomes } from './outcomes.ts'
import { createSettle, entityOf } from './settlement.ts'

/** What became of a command. Once it is no longer pending it stays as it is. */
export type OperationState =
  | { status: 'pending' }
  /** `value` is the entity as decided then; null where it was removed. */
  | { status: 'succeeded'; type: string; entity: string; version: number; value: Record<string, unknown> | null }
  | { status: 'rejected'; error: Rejection }

/** The look-up of commands whose answer was not waited for. */
export interface Operations {
  /**
   * Waits, so long at most, for a state other than pending.
   * @throws Failure `operation.not_found` for an unknown id, another actor's, or one older than outcomes are kept
   */
  find(id: string, actor: Actor, options: { waitMs: number; signal?: AbortSignal }): Promise<OperationState>
}

export interface OperationsParts {
  operationIds: OperationIds
  watermarks: Watermarks
  outcomes: Outcomes
  /** An entity as this actor may see it, through its service's output schema; `kind` begins the command's type. */
  show(kind: string, entity: Entity, actor: Actor): Record<string, unknown>
  clock?: Clock
}

export function createOperations(parts: OperationsParts): Operations {
  const { operationIds, watermarks, outcomes, show, clock = systemClock } = parts
  const settle = createSettle(watermarks, outcomes, clock)

  return {
    async find(id, actor, { waitMs, signal }) {
      const operation = operationIds.parse(id, actor.id)
      if (!operation) throw new Failure('operation.not_found')
      const settlement = await settle(operation.position, operation.mark, waitMs, signal)
      if (settlement.state === 'gone') throw new Failure('operation.not_found')
      if (settlement.state === 'pending') return { status: 'pending' }
      const { outcome } = settlement
      return outcome.rejection ? { status: 'rejected', error: outcome.rejection } : succeeded(outcome, actor)
    },
  }

  function succeeded(outcome: Outcome, actor: Actor): OperationState {
    const { type, entity } = outcome
    const decided = entityOf(outcome)
    const value = decided.deleted ? null : show(type.split('.')[0]!, decided, actor)
    return { status: 'succeeded', type, entity, version: decided.version, value }
  }
}
