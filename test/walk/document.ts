import { Ajv2020 } from 'ajv/dist/2020.js'

/** The OpenAPI document as a reader of it has it: plain JSON, nothing of what it was made of. */
export interface OpenApi {
  tags: { name: string; description?: string }[]
  paths: Record<string, Record<string, Operation>>
  components: Record<string, Record<string, unknown>>
}

export interface Parameter {
  name: string
  in: string
  description?: string
  /** Beside the schema for what is required, in it for what is not. */
  example?: unknown
  schema?: { examples?: readonly unknown[] }
}

export interface OneResponse {
  headers?: Record<string, unknown>
  content?: Record<string, { schema: object; example?: object; examples?: Record<string, unknown> }>
  links?: Record<string, { operationId: string }>
}

interface Ref {
  $ref: string
}

export interface Operation {
  operationId: string
  security?: unknown[]
  parameters: (Parameter | Ref)[]
  requestBody?: {
    required: boolean
    content: Record<string, { schema?: { properties?: Record<string, { description?: string }> }; example?: object }>
  }
  responses: Record<string, OneResponse | Ref>
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

/** What stands at a place of the document, or where that place points to. @throws Error if nothing is there */
export function resolved<T extends object>(document: OpenApi, place: T | Ref): T {
  if (!('$ref' in place)) return place
  const [, kind = '', name = ''] = /^#\/components\/([^/]+)\/([^/]+)$/.exec(place.$ref) ?? []
  const found = document.components[kind]?.[name]
  if (found === undefined) throw new Error(`the document has nothing at ${place.$ref}`)
  return resolved(document, found as T | Ref)
}

export function responseOf(document: OpenApi, { operation }: Found, status: number): OneResponse | undefined {
  const response = operation.responses[status]
  return response && resolved(document, response)
}

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
      parameters.flatMap((one) => {
        if (!('name' in one) || one.in !== where) return []
        const example = one.example ?? one.schema?.examples?.[0]
        return example === undefined ? [] : [[one.name, example]]
      }),
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
export type Check = (schema: object, body: unknown) => string[]

export function checkerOf(document: OpenApi): Check {
  const ajv = new Ajv2020({ strict: false, allErrors: true, formats })
  ajv.addSchema(document, 'document')
  const absolute = (schema: object) =>
    JSON.parse(JSON.stringify(schema), (key, value) => (key === '$ref' ? `document${value}` : value))
  return (schema, body) => {
    const validate = ajv.compile(absolute(schema))
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
