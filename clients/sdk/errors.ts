import type { CodesOf, Issue, PlatformCode, Procedure, Procedures, Receipt } from './contracts.ts'
import type { ExtraOf, Extras } from './extras.ts'

/** The codes of what goes wrong on this side of the wire. */
export type ClientCode =
  /** The time of the call is up. A change may have happened all the same: the same key makes a repeat safe. */
  | 'client.timeout'
  /** The caller's signal fired; `cause` is its reason. */
  | 'client.aborted'
  /** No answer: no connection, or it broke, or nothing came for too long, and retries did not help. */
  | 'client.network'
  /** An answer that is none of Trefoil's: of a proxy on the way, or from another server. `status` is what it had. */
  | 'client.response'

/** Every code that any procedure can answer, as literals. */
export type ServerCode = PlatformCode | { [Path in keyof Procedures]: CodesOf<Procedures[Path]> }[keyof Procedures]

/** Every code that an error of the SDK can have. */
export type AnyCode = ServerCode | ClientCode

/** The codes that a call can end with: the rejections of its procedure, and what may happen to any call. */
export type ErrorCode<Own extends string = never> = Own | PlatformCode | ClientCode

/** The codes that a call of this procedure can end with. */
export type ErrorCodeOf<P extends Procedure> = ErrorCode<CodesOf<P>>

/** An error with one of these codes. Those that tell more are members of their own, so that the code tells what. */
export type ErrorWith<Code extends string> = Plain<Exclude<Code, keyof Extras>> | Telling<Extract<Code, keyof Extras>>

type Plain<Code extends string> = [Code] extends [never] ? never : TrefoilError<Code>
type Telling<Code extends string> = Code extends string ? TrefoilError<Code> : never

export interface ErrorDetails<Code extends string = AnyCode> {
  code: Code
  /** What happened, and what to do about it: one sentence. */
  message: string
  procedure: string
  status?: number | undefined
  requestId?: string | undefined
  retryAfter?: number | undefined
  issues?: readonly Issue[] | undefined
  extra?: ExtraOf<Code> | undefined
  receipt?: Receipt | undefined
  idempotencyKey?: string | undefined
  cause?: unknown
}

/**
 * What calls of the SDK throw: a refusal at once, one that comes late, and what the way there does. Only a fault of the
 * caller's own is thrown as it is: by a callback, of a header that cannot be sent, of an input that is no JSON.
 */
export class TrefoilError<Code extends string = AnyCode> extends Error {
  /** The stable code, such as `task.illegal_move`. */
  readonly code: Code
  /** What was called: `tasks.move`. */
  readonly procedure: string
  /** HTTP status; undefined where nothing was answered. */
  readonly status: number | undefined
  /** Finds the call in the server's log. Sent with every call, so it is known even where nothing was answered. */
  readonly requestId: string | undefined
  /** Seconds after which a retry makes sense. Retries waited for it as long as the call's time allowed. */
  readonly retryAfter: number | undefined
  /** With `input.invalid`: each field that does not fit. */
  readonly issues: readonly Issue[]
  /**
   * What else a code tells, see `Extras`: `allowed` moves with `task.illegal_move`; with `version.mismatch` the present
   * `version`, where it is the same entity.
   */
  readonly extra: ExtraOf<Code>
  /** The change was accepted, and only what became of it is not known: `client.settle(error.receipt)` asks again. */
  readonly receipt: Receipt | undefined
  /** The key that the change went under: a repeat of it under this key is safe, whatever became of the first. */
  readonly idempotencyKey: string | undefined

  constructor(details: ErrorDetails<Code>) {
    super(details.message, { cause: details.cause })
    this.name = 'TrefoilError'
    this.code = details.code
    this.procedure = details.procedure
    this.status = details.status
    this.requestId = details.requestId
    this.retryAfter = details.retryAfter
    this.issues = details.issues ?? []
    this.extra = details.extra ?? ({} as ExtraOf<Code>)
    this.receipt = details.receipt
    this.idempotencyKey = details.idempotencyKey
  }
}

/**
 * Whether something that was thrown is an error of the SDK, with one of these codes where any are given:
 *
 *     if (hasCode(error, 'task.illegal_move', 'version.mismatch')) …
 *
 * The codes are checked by the compiler, and `error.code` is one of them afterwards; with one code `error.extra` is what it tells.
 */
export function hasCode<Code extends AnyCode = AnyCode>(
  error: unknown,
  ...codes: readonly Code[]
): error is ErrorWith<Code> {
  if (!(error instanceof TrefoilError)) return false
  return codes.length === 0 || (codes as readonly string[]).includes(error.code)
}

/** The same error, with more said of it. */
export function amended(error: TrefoilError, more: Partial<ErrorDetails>): TrefoilError {
  const { code, message, procedure, status, requestId, retryAfter, issues, extra, receipt, idempotencyKey, cause } =
    error
  const said = {
    code,
    message,
    procedure,
    status,
    requestId,
    retryAfter,
    issues,
    extra,
    receipt,
    idempotencyKey,
    cause,
  }
  return new TrefoilError({ ...said, ...more })
}

/** What is left to say where a change was accepted, and something went wrong while it was asked about. */
export function stillUnknown(error: TrefoilError, procedure: string, receipt: Receipt): TrefoilError {
  const hint = hasCode(error, 'operation.not_found')
    ? 'The change was accepted, and nobody can tell any more what became of it; look at what it was about.'
    : 'The change was accepted, and what became of it is not known yet: client.settle(error.receipt) asks again.'
  return amended(error, { procedure, receipt, message: `${hint} ${error.message}` })
}
