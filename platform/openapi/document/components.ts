import { receipt } from '../../commands/operations/receipt.ts'
import { HEADERS, headers, PARAMETERS } from './headers.ts'
import type { OneResponse } from './response.ts'
import type { Shared } from './responses.ts'
import type { JsonSchema } from './schemas.ts'

const SECURITY_SCHEMES = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'The `access_token` that `POST /token` answers. It is good for ten minutes.',
  },
  password: {
    type: 'oauth2',
    description: 'A username and a password; the client fields stay empty.',
    flows: { password: { tokenUrl: '/token', scopes: {} } },
  },
}

const problem: JsonSchema = {
  type: 'object',
  description: 'Why a request was refused (RFC 9457). Some codes have further members.',
  properties: {
    type: { type: 'string', format: 'uri-reference', description: 'The page where the code is explained.' },
    title: { type: 'string', description: 'What the code means, in a sentence.' },
    status: { type: 'integer', description: 'The HTTP status.' },
    detail: { type: 'string', description: 'What is particular to this time.' },
    code: { type: 'string', description: 'Stable: what programs go by.' },
    requestId: { type: 'string', description: 'Finds the request in the log.' },
    issues: {
      type: 'array',
      description: 'With `input.invalid`: each field that does not fit, the first twenty.',
      items: {
        type: 'object',
        properties: { path: { type: 'array', items: { type: ['string', 'integer'] } }, message: { type: 'string' } },
        required: ['path', 'message'],
      },
    },
    moreIssues: { type: 'integer', description: 'How many more there are.' },
  },
  required: ['type', 'title', 'status', 'code', 'requestId'],
}

const RECEIPT = {
  status: 'accepted',
  operation: 'AwQAAAAAAAACwOIEiC64tYsAh_R2BtsSRaWQ',
  id: '01981ee4-7c52-7e30-8c74-5b2e0b5b8c33',
  token: 'AQQC',
}

const responsesWith = ({ schemas, failures, linksOf }: Shared): Record<string, OneResponse> => ({
  Accepted: {
    description: 'Accepted; the outcome is not known yet. Ask for it where Location points to.',
    headers: headers('Location', 'Consistency-Token'),
    content: { 'application/json': { schema: schemas.output(receipt), example: RECEIPT } },
    ...linksOf('/operations/{operation}'),
  },
  NotModified: { description: 'It is as you know it.', headers: headers('ETag') },
  ...failures.responses(),
})

/** All that operations refer to: made after them, because they say what is needed. */
export function components(shared: Shared) {
  const responses = responsesWith(shared)
  return {
    securitySchemes: SECURITY_SCHEMES,
    parameters: PARAMETERS,
    headers: HEADERS,
    responses,
    schemas: { Problem: problem, ...shared.schemas.components() },
    examples: shared.failures.examples(),
  }
}
