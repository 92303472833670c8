import { TRPCError } from '@trpc/server'
import { z } from 'zod'
import { type Codes, type PlatformCode, platformCodes, STATUS } from './codes.ts'
import { Failure } from './failure.ts'
import { complaintsOf } from './issues.ts'

/** What a client is told of an error, whichever face it came by. */
export interface Resolved {
  /** The stable code, such as `task.illegal_move`. */
  code: string
  trpc: keyof typeof STATUS
  status: number
  /** The code's sentence: the same at each occurrence. */
  says: string
  /** What is particular to this one. */
  detail: string | undefined
  /** Members beside the code. */
  extra: Readonly<Record<string, unknown>>
  /** Seconds. */
  retryAfter: number | undefined
}

/** The one way from anything thrown to what is shown of it: what nobody meant for a client becomes `internal`. */
export function resolve(error: unknown, codes: Codes = platformCodes): Resolved {
  const thrown = failureOf(error)
  const failure = isCode(thrown.code, codes) ? thrown : new Failure('internal')
  const { trpc, says } = codes[failure.code] ?? platformCodes.internal
  const status = STATUS[trpc]
  return {
    code: failure.code,
    trpc,
    status,
    says,
    detail: failure.message || undefined,
    extra: failure.extra,
    retryAfter: failure.retryAfter ?? (status === 503 || status === 429 ? 1 : undefined),
  }
}

const isCode = (code: string, codes: Codes): boolean => Object.hasOwn(codes, code)

function failureOf(error: unknown): Failure {
  if (error instanceof Failure) return error
  if (error instanceof TRPCError) return failureOfTrpc(error)
  if (!(error instanceof Error)) return new Failure('internal')
  if ('unavailable' in error && error.unavailable === true) return new Failure('store.unavailable')
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return new Failure('service.overloaded')
  return new Failure('internal')
}

/** tRPC throws for itself, and wraps what a procedure threw. */
function failureOfTrpc({ code, cause }: TRPCError): Failure {
  if (code === 'BAD_REQUEST' && cause instanceof z.core.$ZodError) return invalid(cause)
  if (code === 'INTERNAL_SERVER_ERROR')
    return cause && !(cause instanceof TRPCError) ? failureOf(cause) : new Failure('internal')
  return new Failure(CODE_OF_TRPC[code] ?? 'internal')
}

export const invalid = (error: z.core.$ZodError): Failure =>
  new Failure('input.invalid', undefined, { extra: { ...complaintsOf(error) } })

const CODE_OF_TRPC: Partial<Record<TRPCError['code'], PlatformCode>> = {
  PARSE_ERROR: 'input.malformed',
  BAD_REQUEST: 'input.malformed',
  UNAUTHORIZED: 'auth.missing',
  FORBIDDEN: 'access.forbidden',
  NOT_FOUND: 'route.unknown',
  METHOD_NOT_SUPPORTED: 'route.method',
  PAYLOAD_TOO_LARGE: 'input.too_large',
  UNSUPPORTED_MEDIA_TYPE: 'input.media_type',
  TOO_MANY_REQUESTS: 'rate.limited',
  SERVICE_UNAVAILABLE: 'service.overloaded',
}
