import { type AnyRouter, callTRPCProcedure } from '@trpc/server'
import pino from 'pino'
import type { CallContext } from '../../trpc/trpc.ts'

export const ann = { id: 'ann', role: 'member', session: 's1' } as const

/** A logger that keeps its lines. */
export function createLines() {
  const lines: Record<string, unknown>[] = []
  const logger = pino({ level: 'debug' }, { write: (line: string) => void lines.push(JSON.parse(line)) })
  return { lines, logger }
}

export function contextOf({
  asked,
  ...rest
}: Partial<Omit<CallContext, 'asked'>> & { asked?: Partial<CallContext['asked']> } = {}): CallContext {
  return {
    requestId: 'r1',
    actor: ann,
    bearer: undefined,
    address: '127.0.0.1',
    signal: new AbortController().signal,
    log: pino({ enabled: false }),
    traceparent: undefined,
    asked: {
      idempotencyKey: undefined,
      match: undefined,
      noneMatch: undefined,
      waitMs: 2000,
      respondAsync: false,
      seen: new Map(),
      ...asked,
    },
    reply: { headers: new Headers(), status: undefined },
    ...rest,
  }
}

/** Calls a procedure through tRPC, without HTTP. */
export const callOf = (router: AnyRouter, path: string, input: unknown, ctx = contextOf()): Promise<unknown> =>
  callTRPCProcedure({
    router,
    path,
    ctx,
    getRawInput: async () => input,
    type: router._def.procedures[path]._def.type,
    signal: ctx.signal,
    batchIndex: 0,
  })
