import { Failure } from '../../errors/failure.ts'
import { newId as randomId } from '../../ids.ts'
import type { Log } from '../../log/port.ts'
import { type Clock, systemClock } from '../../waiting.ts'
import type { Position } from '../command.ts'
import type { OperationIds } from '../operations/operation-id.ts'
import type { Outcomes } from '../operations/outcomes.ts'
import { createSettle, entityOf, type Settlement } from '../operations/settlement.ts'
import { formatToken, seenWith, TOKEN_HEADER } from '../watermarks/token.ts'
import type { Watermarks } from '../watermarks/watermarks.ts'
import type { Answer, Call, CommandEdge } from './edge.ts'
import { identify } from './identity.ts'
import { append, commandFrom } from './submission.ts'

export interface CommandEdgeParts {
  log: Log
  watermarks: Watermarks
  outcomes: Outcomes
  operationIds: OperationIds
  clock?: Clock
  newId?: () => string
}

export function createCommandEdge(parts: CommandEdgeParts): CommandEdge {
  const { log, watermarks, outcomes, operationIds, clock = systemClock, newId = randomId } = parts
  const settle = createSettle(watermarks, outcomes, clock)

  /** The entity as decided, or a receipt for a command that is on the log: from here on nothing is an error but its own rejection. */
  async function answer(call: Call, position: Position, entity: string): Promise<Answer> {
    const { ctx, mark } = call
    const token = cover(call, position)
    const settlement = await settle(position, mark, ctx.asked.respondAsync ? 0 : ctx.asked.waitMs, ctx.signal).catch(
      (error): Settlement => {
        ctx.log.warn({ err: error, position }, 'an outcome could not be read; a receipt is given instead')
        return { state: 'pending' }
      },
    )
    if (settlement.state === 'told') {
      cover(call, position, settlement.outcome)
      return { entity: entityOf(settlement.outcome) }
    }
    const operation = operationIds.format({ position, mark }, ctx.actor?.id ?? entity)
    return { receipt: { status: 'accepted', operation, id: entity, token } }
  }

  return {
    identify: (call) => identify(call, newId),

    async earlier(call, identity) {
      if (!identity.keyed) return null
      const row = await outcomes.of(identity.command)
      if (!row) return null
      if (row.outcome.hash !== identity.hash) throw new Failure('idempotency.reused')
      return answer(call, row.outcome, row.outcome.entity)
    },

    async submit(call, identity, draft) {
      const position = await append(log, commandFrom(call, identity, draft, new Date(clock.now())))
      return answer(call, position, draft.entity)
    },
  }
}

/** Tells the client, refused ones too, what it has seen from now on. */
function cover({ ctx }: Call, ...positions: readonly Position[]): string {
  const token = formatToken(seenWith(ctx.asked.seen, ...positions))
  ctx.reply.headers.set(TOKEN_HEADER, token)
  return token
}
