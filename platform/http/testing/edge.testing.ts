import type { Entity } from '../../commands/command.ts'
import type { Answer, CommandEdge } from '../../commands/send/edge.ts'
import { formatToken } from '../../commands/watermarks/token.ts'
import { Failure } from '../../errors/failure.ts'

/** A write path that decides at once and forgets with its process. */
export function createMemoryEdge(entities: Map<string, Entity>): CommandEdge {
  const keyed = new Map<string, { hash: string; answer: Answer }>()
  let made = 0

  return {
    identify({ ctx, procedure, input }) {
      const key = ctx.asked.idempotencyKey
      const command = key === undefined ? `c${++made}` : `${procedure}:${ctx.actor?.id}:${key}`
      return { command, newId: `n-${command}`, hash: JSON.stringify(input), keyed: key !== undefined }
    },

    async earlier(_call, { command, hash }) {
      const known = keyed.get(command)
      if (known && known.hash !== hash) throw new Failure('idempotency.reused')
      return known?.answer ?? null
    },

    async submit({ ctx }, { command, hash, keyed: kept }, draft) {
      const token = formatToken(new Map([[entities.size % 12, entities.size]]))
      ctx.reply.headers.set('Consistency-Token', token)
      const before = entities.get(draft.entity)
      if (draft.expectedVersion !== undefined && before?.version !== draft.expectedVersion) {
        throw new Failure('version.mismatch', undefined, { extra: { version: before?.version } })
      }
      const now = '2026-01-01T00:00:00.000Z'
      const entity = {
        createdAt: now,
        ...before,
        ...draft.payload,
        id: draft.entity,
        version: (before?.version ?? 0) + 1,
        updatedAt: now,
      }
      entities.set(draft.entity, entity)
      const answer: Answer = ctx.asked.respondAsync
        ? { receipt: { status: 'accepted', operation: `op-${command}`, id: draft.entity, token } }
        : { entity }
      if (kept) keyed.set(command, { hash, answer })
      return answer
    },
  }
}
