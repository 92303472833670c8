import type { Command, Entity, Event } from '../../platform/commands/command.ts'
import type { CommandEdge } from '../../platform/commands/send/edge.ts'
import { identify } from '../../platform/commands/send/identity.ts'
import { Failure } from '../../platform/errors/failure.ts'
import { newId } from '../../platform/ids.ts'
import type { Sql } from '../../platform/sql/port.ts'
import { createDecider } from '../consumer/decide/decide.ts'
import { entities } from '../consumer/entities.ts'

/**
 * A write path without a log: each command is decided by the consumer's own engine before `submit` answers. It remembers
 * no outcome: a key that comes again is one that comes after the days for which outcomes are kept.
 */
export function createDecidingEdge(sql: Sql) {
  const decider = createDecider(sql, entities, 1)
  let offset = 0

  /** @returns the events of the command @throws Failure with the code of its rejection */
  async function decide(command: Omit<Command, 'v' | 'id' | 'schema' | 'at' | 'hash' | 'keyed' | 'request'>): Promise<{
    events: Event[]
    asIs: Entity | undefined
  }> {
    const at = new Date().toISOString()
    const whole = { v: 1, id: newId(), schema: 1, at, hash: 'hash', keyed: false, request: 'test', ...command }
    const record = { partition: 0, offset: offset++, key: command.root, value: JSON.stringify(whole), headers: {} }
    const [batch] = await decider.decide(0, 0, [record])
    const outcome = batch!.decided[0]!.outcome
    if (outcome.rejection) {
      const { code, detail, extra } = outcome.rejection
      throw new Failure(code, detail, { ...(extra && { extra }) })
    }
    return { events: outcome.events, asIs: outcome.entityAsIs }
  }

  const edge: CommandEdge = {
    identify: (call) => identify(call, newId),
    earlier: async () => null,
    async submit({ ctx }, _identity, draft) {
      const { id, role } = ctx.actor ?? { id: null, role: 'member' }
      const { events, asIs } = await decide({ ...draft, actor: { id, role } })
      return { entity: events.find((event) => event.id === draft.entity)?.data ?? asIs! }
    },
  }
  return { edge, decide }
}
