import { hashedId } from '../../ids.ts'
import type { Log } from '../../log/port.ts'
import { canonicalJson } from '../canonical.ts'
import type { Command, Draft, Entity } from '../command.ts'
import type { Outcomes } from '../operations/outcomes.ts'
import { entityOf } from '../operations/settlement.ts'
import { commandRecord } from '../record.ts'
import type { Mark, Watermarks } from '../watermarks/watermarks.ts'

/** How long the first start may take to decide one command. */
const WAIT_MS = 30_000

/** Sends the installation's own commands: the first admin, the demo data. */
export interface SystemSender {
  /**
   * Resolves to the entity once it is readable everywhere. Sent again, it has the first outcome: its id is made of type,
   * entity and payload.
   * @throws Failure its rejection; Error if it is not decided in time
   */
  send(draft: Draft, options?: { actor?: Command['actor']; mark?: Mark }): Promise<Entity>
}

export interface SystemSenderParts {
  log: Log
  watermarks: Pick<Watermarks, 'reach'>
  outcomes: Outcomes
  now?: () => number
}

const system: Command['actor'] = { id: null, role: 'system' }

export function createSystemSender({ log, watermarks, outcomes, now = Date.now }: SystemSenderParts): SystemSender {
  return {
    async send(draft, { actor = system, mark = 'decided' } = {}) {
      const payload = canonicalJson(draft.payload)
      const command: Command = {
        v: 1,
        id: hashedId('system', draft.type, draft.entity, payload),
        type: draft.type,
        schema: draft.schema ?? 1,
        at: new Date(now()).toISOString(),
        actor,
        entity: draft.entity,
        root: draft.root,
        payload: draft.payload,
        hash: hashedId(payload),
        keyed: true,
        request: 'start',
      }
      const record = commandRecord(command)
      const [offset] = await log.append('commands', [record])
      const position = { partition: record.partition, offset: offset! }
      if (!(await watermarks.reach([position], mark, WAIT_MS))) {
        throw new Error(`${draft.type} was not decided within ${WAIT_MS / 1000} s; does a consumer run?`)
      }
      const row = await outcomes.at(position)
      const first = row?.outcome.repeats ? await outcomes.at(row.outcome.repeats) : row
      if (!first) throw new Error(`the outcome of ${draft.type} is gone`)
      return entityOf(first.outcome)
    },
  }
}
