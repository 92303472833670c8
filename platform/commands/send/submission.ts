import { Failure } from '../../errors/failure.ts'
import { type Log, LogUnavailable } from '../../log/port.ts'
import type { Command, Draft, Position } from '../command.ts'
import { commandRecord } from '../record.ts'
import type { Call, Identity } from './edge.ts'

/** The record that goes on the log for a draft. */
export function commandFrom({ ctx, spec }: Call, identity: Identity, draft: Draft, at: Date): Command {
  const leaked = spec.secrets?.find((secret) => secret in draft.payload)
  if (leaked !== undefined) throw new Error(`${draft.type} carries the secret ${leaked}: it must not enter the log`)
  return {
    v: 1,
    id: identity.command,
    type: draft.type,
    schema: draft.schema ?? 1,
    at: at.toISOString(),
    actor: { id: ctx.actor?.id ?? null, role: ctx.actor?.role ?? 'member' },
    entity: draft.entity,
    root: draft.root,
    payload: draft.payload,
    ...(draft.expectedVersion !== undefined && { expectedVersion: draft.expectedVersion }),
    hash: identity.hash,
    keyed: identity.keyed,
    request: ctx.requestId,
    ...(ctx.traceparent !== undefined && { traceparent: ctx.traceparent }),
  }
}

/** Resolves once the command is durable. @throws Failure `log.unavailable`, `log.unknown` */
export async function append(log: Log, command: Command): Promise<Position> {
  const record = commandRecord(command)
  try {
    const [offset] = await log.append('commands', [record])
    return { partition: record.partition, offset: offset! }
  } catch (error) {
    if (!(error instanceof LogUnavailable)) throw error
    const code = error.written === 'no' ? 'log.unavailable' : 'log.unknown'
    throw new Failure(code, undefined, { retryAfter: 1, cause: error })
  }
}
