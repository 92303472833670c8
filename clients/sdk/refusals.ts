import { TRPCClientError } from '@trpc/client'
import { isRefused, type Refused } from './answers.ts'
import { codes } from './codes.ts'
import type { Issue } from './contracts.ts'
import { type AnyCode, type ServerCode, TrefoilError } from './errors.ts'

/** An answer that is none of Trefoil's. */
export class ForeignAnswer extends Error {
  readonly status: number
  /** Seconds. */
  readonly retryAfter: number | undefined

  constructor(status: number, retryAfter: number | undefined) {
    super(`HTTP ${status}`)
    this.name = 'ForeignAnswer'
    this.status = status
    this.retryAfter = retryAfter
  }
}

type Thrown = Pick<Partial<TRPCClientError<never>>, 'message' | 'cause' | 'meta'> & { data?: unknown }

/** What the transport adds to a response. */
type Response = { retryAfter?: number | undefined }

/** From what a link throws to what a caller gets. */
export function refusalOf(thrown: unknown, procedure: string, requestId: string): TrefoilError {
  const { data, message, cause, meta }: Thrown = thrown instanceof TRPCClientError ? thrown : {}
  if (isRefused(data)) {
    const { retryAfter = (meta?.response as Response | undefined)?.retryAfter } = data
    return answered({ ...data, retryAfter }, String(message), procedure, requestId)
  }
  const met = cause ?? thrown
  if (met instanceof ForeignAnswer) {
    return new TrefoilError({
      code: 'client.response',
      message: `Something answered ${met.status}, and it was not Trefoil; check the url, and what stands between.`,
      procedure,
      status: met.status,
      requestId,
      retryAfter: met.retryAfter,
      cause: met,
    })
  }
  return unreachable(procedure, requestId, met)
}

export const unreachable = (procedure: string, requestId: string, cause: unknown): TrefoilError =>
  new TrefoilError({
    code: 'client.network',
    message: 'No answer: the server cannot be reached, or the connection broke; check the network, and try again.',
    procedure,
    requestId,
    cause,
  })

function answered(data: Refused, message: string, procedure: string, sentId: string): TrefoilError {
  const { reason, httpStatus, requestId = sentId, retryAfter, issues, code: _, path: __, ...extra } = data
  return refusal(reason as AnyCode, message, {
    procedure,
    status: httpStatus,
    requestId,
    retryAfter,
    extra: { ...extra, issues },
  })
}

/** What needs no server to be refused. */
export const refusedHere = (code: ServerCode, procedure: string): TrefoilError =>
  new TrefoilError({ code, message: codes[code][1], procedure })

/** A rejection that a look-up tells, the same as an answer at once would have been. */
export function lateRefusal(
  { code, detail, extra }: { code: string; detail?: string | undefined; extra?: Record<string, unknown> | undefined },
  procedure: string,
  requestId: string,
): TrefoilError {
  const [status, says] = codes[code as ServerCode] ?? [undefined, 'The change was refused.']
  return refusal(code as AnyCode, detail || says, { procedure, status, requestId, extra })
}

type About = Pick<TrefoilError, 'procedure' | 'status'> & {
  requestId: string
  retryAfter?: number | undefined
  extra?: Record<string, unknown> | undefined
}

function refusal(code: AnyCode, sentence: string, { extra: all = {}, ...about }: About): TrefoilError {
  const { issues, ...extra } = all
  const fields = Array.isArray(issues) ? (issues as Issue[]) : []
  const named = fields.map(({ path, message }) => `${path.join('.') || 'input'}: ${message}`)
  return new TrefoilError({ ...about, code, message: [sentence, ...named].join(' · '), issues: fields, extra })
}
