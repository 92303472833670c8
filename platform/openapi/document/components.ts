import { receipt } from '../../commands/receipt.ts'
import type { JsonSchema, Schemas } from './schemas.ts'

const header = (name: string, description: string, schema: JsonSchema, example: unknown) => ({
  name,
  in: 'header',
  description,
  schema,
  example,
})
const text = { type: 'string' }

/** Request headers, by the name of their component. */
export const PARAMETERS = {
  IdempotencyKey: header(
    'Idempotency-Key',
    'Makes a retry safe: the same key with the same input is answered as the first time, for seven days.',
    { type: 'string', minLength: 1, maxLength: 200 },
    '8e03978e-40d5-43e8-bc93-6894a57f9324',
  ),
  IfMatch: header('If-Match', 'The ETag as it was read: refused with 412 if there is a newer one.', text, '"3"'),
  IfNoneMatch: header('If-None-Match', 'ETags that are known: answered with 304 if one is current.', text, '"3"'),
  Prefer: header(
    'Prefer',
    '`wait=N`: seconds to wait for the outcome, 0 to 10, 2 by default. `respond-async`: do not wait.',
    text,
    'wait=5',
  ),
  ConsistencyToken: header(
    'Consistency-Token',
    'As it was answered: what it has seen is seen, or the answer is 503.',
    text,
    undefined,
  ),
  LastEventId: header('Last-Event-ID', 'The id of the last event that was received.', text, undefined),
}

/** Response headers. */
export const HEADERS = {
  'X-Request-Id': { description: 'Finds the request in the log.', schema: text },
  ETag: { description: 'The version, for If-Match and If-None-Match.', schema: text, example: '"3"' },
  Location: { description: 'Where it is.', schema: { type: 'string', format: 'uri-reference' } },
  'Consistency-Token': { description: 'Covers this change; send it to see it, wherever you ask.', schema: text },
  'Retry-After': { description: 'Seconds.', schema: { type: 'integer' } },
  'WWW-Authenticate': { description: 'How to authenticate.', schema: text },
}

const problem: JsonSchema = {
  type: 'object',
  description: 'RFC 9457.',
  properties: {
    type: { type: 'string', format: 'uri-reference', description: 'The page where the code is explained.' },
    title: { type: 'string', description: 'What happened, in a sentence.' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'What is particular to this time.' },
    code: { type: 'string', description: 'Stable.' },
    requestId: { type: 'string' },
    issues: {
      type: 'array',
      description: 'With `input.invalid`: each field that does not fit.',
      items: {
        type: 'object',
        properties: { path: { type: 'array', items: { type: ['string', 'integer'] } }, message: { type: 'string' } },
        required: ['path', 'message'],
      },
    },
  },
  required: ['type', 'title', 'status', 'code', 'requestId'],
}

export function components(schemas: Schemas) {
  schemas.output(receipt)
  return {
    parameters: PARAMETERS,
    headers: HEADERS,
    securitySchemes: {
      bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
      password: { type: 'oauth2', flows: { password: { tokenUrl: '/token', scopes: {} } } },
    },
    schemas: { Problem: problem, ...schemas.components() },
  }
}

export const refTo = (kind: 'parameters' | 'headers' | 'schemas', name: string) => ({
  $ref: `#/components/${kind}/${name}`,
})
