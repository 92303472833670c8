import { Ajv2020 } from 'ajv/dist/2020.js'

/** The OpenAPI document as a reader of it has it: plain JSON, nothing of what it was made of. */
export interface OpenApi {
  paths: Record<string, Record<string, Operation>>
  components: Record<string, Record<string, unknown>>
}

export interface Operation {
  operationId: string
  security?: unknown[]
  parameters: ({ name: string; in: string; example?: unknown } | { $ref: string })[]
  requestBody?: { required: boolean; content: Record<string, { example?: object }> }
  responses: Record<string, { headers?: Record<string, unknown>; content?: Record<string, unknown> }>
}

export interface Found {
  method: string
  path: string
  operation: Operation
}

export const operationsOf = ({ paths }: OpenApi): Found[] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  )

/** What an operation is called with, by the document's own examples. */
export interface Request {
  path: Record<string, unknown>
  query: Record<string, unknown>
  body: object | undefined
  type: string | undefined
}

export function exampleOf({ parameters, requestBody }: Operation): Request {
  const given = (where: string) =>
    Object.fromEntries(
      parameters.flatMap((one) =>
        'name' in one && one.in === where && one.example !== undefined ? [[one.name, one.example]] : [],
      ),
    )
  const [type] = Object.keys(requestBody?.content ?? {})
  return {
    path: given('path'),
    query: given('query'),
    body: type === undefined ? undefined : requestBody?.content[type]?.example,
    type,
  }
}

/** What is wrong with a body, by the schema that the document has for it; nothing where it fits. */
export type Check = (found: Found, status: number, type: string, body: unknown) => string[]

export function checkerOf(document: OpenApi): Check {
  const ajv = new Ajv2020({ strict: false, allErrors: true, formats })
  ajv.addSchema(document, 'document')
  const segment = (part: string) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))
  return ({ path, method }, status, type, body) => {
    const place = ['paths', path, method.toLowerCase(), 'responses', String(status), 'content', type, 'schema']
    const validate = ajv.compile({ $ref: `document#/${place.map(segment).join('/')}` })
    return validate(body) ? [] : (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message}`)
  }
}

const formats = {
  uuid: /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/,
  date: /^\d{4}-\d\d-\d\d$/,
  'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/,
  email: /^[^@\s]+@[^@\s]+$/,
  'uri-reference': /^\S*$/,
}
