import type { Procedure } from '../../contract/contract.ts'
import { placesOf } from '../places.ts'
import type { Route } from '../routes.ts'
import type { Field } from './fields.ts'
import type { PARAMETERS } from './headers.ts'
import { refTo } from './ref.ts'
import { etagged } from './responses.ts'
import type { JsonSchema } from './schemas.ts'

export interface Parameter {
  name: string
  in: 'path' | 'query'
  required: boolean
  schema: JsonSchema
  description?: string
  example?: unknown
  style?: 'deepObject'
  explode?: true
}

export type ParameterOrRef = Parameter | { $ref: string }

/** What a route takes from its path, its query and the headers. */
export function parametersOf(route: Route, fields: Map<string, Field>): ParameterOrRef[] {
  const places = placesOf(route.spec)
  return [
    ...places.path.map((name) => parameterOf('path', { ...fields.get(name)!, required: true })),
    ...places.query.flatMap((name) => fields.get(name) ?? []).map((field) => inQuery(field, route.spec)),
    ...headersOf(route).map((name) => refTo('parameters', name)),
  ]
}

/**
 * Swagger UI sends the example that stands beside a schema, unless one takes it out: only what is needed anyway has one. What
 * is optional, such as a filter, has it in the schema, for programs.
 */
function parameterOf(where: 'path' | 'query', { name, schema, required, example, shape }: Field): Parameter {
  const { description, ...rest } = schema
  const shown = example !== undefined
  return {
    name,
    in: where,
    required,
    schema: shown && !required ? { ...rest, examples: [example] } : rest,
    ...(typeof description === 'string' && { description }),
    ...(shown && required && { example }),
    ...(shape === 'object' && { style: 'deepObject', explode: true }),
  }
}

/** Another spelling is told of rather than listed: either will do, which a list of parameters cannot say. */
function inQuery(field: Field, { aliases = {} }: Procedure): Parameter {
  const parameter = parameterOf('query', field)
  const spellings = Object.keys(aliases).filter((alias) => aliases[alias] === field.name)
  if (spellings.length === 0) return parameter
  const also = `Also taken as ${spellings.map((name) => `\`${name}\``).join(', ')}.`
  return { ...parameter, description: [parameter.description, also].filter(Boolean).join(' ') }
}

function headersOf({ spec, method }: Route): (keyof typeof PARAMETERS)[] {
  return [
    ...(spec.command ? (['IdempotencyKey', 'Prefer'] as const) : []),
    ...('expectedVersion' in spec.input.shape ? (['IfMatch'] as const) : []),
    ...(method === 'GET' && etagged(spec) ? (['IfNoneMatch'] as const) : []),
    ...(spec.kind === 'subscription' && 'lastEventId' in spec.input.shape ? (['LastEventId'] as const) : []),
    'ConsistencyToken',
  ]
}
