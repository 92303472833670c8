/**
 * Errors as clients see them: a closed list of stable codes, each with one tRPC code, one HTTP status and one sentence.
 * Here are those that any service can answer; the ones of an entity stand in its contract and are merged in
 * `services/catalog.ts`. `docs/errors.md` is generated from the merged table.
 */
export interface CodeDefinition {
  /** The tRPC error code; the HTTP status follows from it, so both faces always agree. */
  readonly trpc: keyof typeof STATUS
  /** One sentence: what happened and what to do. */
  readonly says: string
}

export type Codes = Readonly<Record<string, CodeDefinition>>

/** tRPC code → HTTP status: the subset that is used, the same on tRPC and REST. */
export const STATUS = {
  BAD_REQUEST: 400,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  METHOD_NOT_SUPPORTED: 405,
  TIMEOUT: 408,
  CONFLICT: 409,
  PRECONDITION_FAILED: 412,
  PAYLOAD_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  UNPROCESSABLE_CONTENT: 422,
  PRECONDITION_REQUIRED: 428,
  TOO_MANY_REQUESTS: 429,
  INTERNAL_SERVER_ERROR: 500,
  BAD_GATEWAY: 502,
  SERVICE_UNAVAILABLE: 503,
  GATEWAY_TIMEOUT: 504,
} as const

export function defineCodes<const C extends Codes>(codes: C): C {
  return codes
}

export const platformCodes = defineCodes({
  'input.invalid': { trpc: 'BAD_REQUEST', says: 'The input does not fit the schema; `issues` names each field.' },
  'input.malformed': { trpc: 'BAD_REQUEST', says: 'The request cannot be read; send well-formed JSON and parameters.' },
  'input.cursor': { trpc: 'BAD_REQUEST', says: 'The cursor is not one of this list; start again without it.' },
  'input.too_large': {
    trpc: 'PAYLOAD_TOO_LARGE',
    says: 'The request is too large, or its URL is (414); send less at once.',
  },
  'input.media_type': {
    trpc: 'UNSUPPORTED_MEDIA_TYPE',
    says: 'The content type is not accepted here; send the one that /docs names, in UTF-8 and not compressed.',
  },
  'input.timeout': {
    trpc: 'TIMEOUT',
    says: 'The request did not come to its end in time; nothing was changed; send it again.',
  },
  'batch.mixed': { trpc: 'BAD_REQUEST', says: 'A batch names one service only; split it by the first path segment.' },
  'batch.too_large': { trpc: 'BAD_REQUEST', says: 'A batch has too many calls; split it.' },
  'batch.headers': {
    trpc: 'BAD_REQUEST',
    says: 'Idempotency-Key, If-Match and If-None-Match belong to one mutation; send it outside of a batch.',
  },
  'route.unknown': { trpc: 'NOT_FOUND', says: 'Nothing is served at this path; see /docs.' },
  'route.method': { trpc: 'METHOD_NOT_SUPPORTED', says: 'This path does not take that method; see Allow.' },
  'auth.missing': { trpc: 'UNAUTHORIZED', says: 'A bearer token is needed; get one from POST /token.' },
  'auth.invalid': { trpc: 'UNAUTHORIZED', says: 'The token is not valid; log in again.' },
  'auth.expired': { trpc: 'UNAUTHORIZED', says: 'The token has expired; refresh it or log in again.' },
  'auth.revoked': { trpc: 'UNAUTHORIZED', says: 'The session has ended; log in again.' },
  'access.forbidden': { trpc: 'FORBIDDEN', says: 'Your role does not allow this.' },
  'version.invalid': {
    trpc: 'BAD_REQUEST',
    says: 'If-Match takes ETags as they were answered, such as "3-4a1d9a4a7b22", or a version alone: "3".',
  },
  'version.mismatch': {
    trpc: 'PRECONDITION_FAILED',
    says: 'The entity has changed since that version; read it again.',
  },
  'idempotency.invalid': { trpc: 'BAD_REQUEST', says: 'Idempotency-Key takes 1 to 200 printable ASCII characters.' },
  'idempotency.reused': {
    trpc: 'UNPROCESSABLE_CONTENT',
    says: 'This Idempotency-Key was used with another input; take a new key.',
  },
  'idempotency.expired': {
    trpc: 'CONFLICT',
    says: 'This Idempotency-Key was used more than seven days ago; `entity` is what it made.',
  },
  'token.invalid': { trpc: 'BAD_REQUEST', says: 'The Consistency-Token is not one that this system gave.' },
  'token.behind': {
    trpc: 'SERVICE_UNAVAILABLE',
    says: 'What the token has seen is not readable here yet; try again after Retry-After.',
  },
  'operation.not_found': {
    trpc: 'NOT_FOUND',
    says: 'There is no such operation of yours, or it is older than seven days.',
  },
  'rate.limited': { trpc: 'TOO_MANY_REQUESTS', says: 'Too many requests; try again after Retry-After.' },
  'service.starting': {
    trpc: 'SERVICE_UNAVAILABLE',
    says: 'The service is starting or stopping; try again after Retry-After.',
  },
  'service.overloaded': {
    trpc: 'SERVICE_UNAVAILABLE',
    says: 'The service is at its limit; try again after Retry-After.',
  },
  'log.unavailable': {
    trpc: 'SERVICE_UNAVAILABLE',
    says: 'The log does not accept changes now; nothing was changed; try again after Retry-After.',
  },
  'log.unknown': {
    trpc: 'SERVICE_UNAVAILABLE',
    says: 'The log did not answer in time and the change may or may not happen; a retry with the same Idempotency-Key is safe.',
  },
  'store.unavailable': { trpc: 'SERVICE_UNAVAILABLE', says: 'A store cannot be reached; try again after Retry-After.' },
  'gateway.unavailable': {
    trpc: 'SERVICE_UNAVAILABLE',
    says: 'The gateway reaches no instance of the service; nothing was changed; try again after Retry-After.',
  },
  'gateway.lost': {
    trpc: 'BAD_GATEWAY',
    says: 'The gateway lost the service while it answered, and a change may or may not happen; a retry with the same Idempotency-Key is safe.',
  },
  'gateway.timeout': {
    trpc: 'GATEWAY_TIMEOUT',
    says: 'The gateway had no answer of the service in time, and a change may or may not happen; a retry with the same Idempotency-Key is safe.',
  },
  'command.failed': {
    trpc: 'INTERNAL_SERVER_ERROR',
    says: 'The change could not be applied and was set aside as a dead letter; nothing was changed.',
  },
  internal: { trpc: 'INTERNAL_SERVER_ERROR', says: 'Something went wrong here; the request id finds it in the log.' },
})

export type PlatformCode = keyof typeof platformCodes
