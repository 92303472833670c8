import { pino } from 'pino'
import { z } from 'zod'
import type { Context } from '../context.ts'
import type { Procedure } from '../contract/contract.ts'
import { newId } from '../ids.ts'
import type { Call } from './send/edge.ts'
import type { Mark } from './watermarks/watermarks.ts'

export interface Said {
  actor?: string | null
  key?: string
  waitMs?: number
  respondAsync?: boolean
  seen?: ReadonlyMap<number, number>
  signal?: AbortSignal
  procedure?: string
  spec?: Partial<Procedure>
  input?: Record<string, unknown>
  mark?: Mark
}

/** A call of a command procedure as a member makes it, ready to wait, unless the test says otherwise. */
export function callOf(said: Said = {}): Call {
  const { actor = '01890000-0000-7000-8000-00000000000a', key, waitMs = 10_000, respondAsync = false } = said
  const ctx: Context = {
    requestId: newId(),
    actor: actor === null ? null : { id: actor, role: 'member', session: 'session' },
    bearer: undefined,
    address: '127.0.0.1',
    signal: said.signal ?? new AbortController().signal,
    log: pino({ level: 'silent' }),
    traceparent: undefined,
    asked: {
      ...{ idempotencyKey: key, match: undefined, noneMatch: undefined },
      ...{ waitMs, respondAsync, seen: said.seen ?? new Map() },
    },
    reply: { headers: new Headers(), status: undefined },
  }
  return {
    ctx,
    procedure: said.procedure ?? 'leaves.create',
    spec: { ...createLeaf, ...said.spec },
    input: said.input ?? { name: 'oak' },
    mark: said.mark ?? 'decided',
  }
}

const createLeaf: Procedure = {
  kind: 'mutation',
  command: true,
  input: z.strictObject({ name: z.string() }),
  output: z.object({ id: z.string() }),
  summary: 'Makes a leaf.',
  example: { input: { name: 'oak' } },
}
