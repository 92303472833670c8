import type {
  TRPCBuiltRouter,
  TRPCMutationProcedure,
  TRPCQueryProcedure,
  TRPCSubscriptionProcedure,
} from '@trpc/server'
import type { z } from 'zod'
import type { Receipt } from '../commands/command.ts'
import type { PlatformCode } from '../errors/codes.ts'
import type { Issue } from '../errors/issues.ts'
import type { Procedure } from './contract.ts'

/**
 * The router of a service as a client's type, made of its contract alone: declarations that carry it name zod and tRPC
 * and nothing of the server. `createTRPCClient<RouterOf<'tasks', typeof tasks>>`; merge services with `&`.
 */
export type RouterOf<Name extends string, C extends Record<string, Procedure>> = TRPCBuiltRouter<
  { ctx: object; meta: object; errorShape: ErrorShape<CodesOf<C[keyof C]>>; transformer: false },
  { [N in Name]: { [K in keyof C]: ProcedureOf<C[K]> } }
>

type ProcedureOf<P extends Procedure> = P['kind'] extends 'query'
  ? TRPCQueryProcedure<DefinitionOf<P>>
  : P['kind'] extends 'mutation'
    ? TRPCMutationProcedure<DefinitionOf<P>>
    : TRPCSubscriptionProcedure<DefinitionOf<P>>

interface DefinitionOf<P extends Procedure> {
  input: InputOf<P>
  output: P['kind'] extends 'subscription' ? AsyncIterable<z.output<P['output']>> : AnswerOf<P>
  meta: unknown
  errorShape: ErrorShape<CodesOf<P>>
}

/** What a caller sends; nothing at all where no field is required. */
export type InputOf<P extends Procedure> =
  Record<string, never> extends z.input<P['input']> ? z.input<P['input']> | undefined : z.input<P['input']>

/** What a procedure answers; a command may answer a receipt instead. */
export type AnswerOf<P extends Procedure> = P extends { command: true }
  ? z.output<P['output']> | Receipt
  : z.output<P['output']>

/** The codes that only this procedure answers. */
export type CodesOf<P extends Procedure> = P extends { rejects: readonly (infer C extends string)[] } ? C : never

/** An error as every procedure answers it over tRPC. */
export interface ErrorShape<Code extends string = string> {
  /** What happened, in a sentence. */
  message: string
  /** JSON-RPC. */
  code: number
  data: ErrorData<Code>
}

export interface ErrorData<Code extends string = string> {
  /** tRPC's own, such as `CONFLICT`. */
  code: string
  httpStatus: number
  path?: string
  /** The stable one, such as `task.illegal_move`. */
  reason: Code | PlatformCode
  requestId?: string
  /** Seconds after which a retry makes sense. */
  retryAfter?: number
  /** With `input.invalid`: each field that does not fit. */
  issues?: Issue[]
  /** What else a code tells, such as `allowed` moves. */
  [extra: string]: unknown
}
