import type { Procedure } from '../../contract/contract.ts'
import { type Places, placesOf } from '../places.ts'
import type { Route } from '../routes.ts'
import { type PARAMETERS, refTo } from './components.ts'
import type { Field } from './fields.ts'
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
    ...places.query.map((name) => inQuery(fields.get(name)!, route.spec)),
    ...aliasesIn(places, route.spec, fields),
    ...headersOf(route).map((name) => refTo('parameters', name)),
  ]
}

function parameterOf(where: 'path' | 'query', { name, schema, required, example, shape }: Field): Parameter {
  const { description, ...rest } = schema
  return {
    name,
    in: where,
    required,
    schema: rest,
    ...(typeof description === 'string' && { description }),
    ...(example !== undefined && { example }),
    ...(shape === 'object' && { style: 'deepObject', explode: true }),
  }
}

/** A field with another spelling is never required under the one. */
function inQuery(field: Field, { aliases }: Procedure): Parameter {
  const isAliased = Object.values(aliases ?? {}).includes(field.name)
  return parameterOf('query', isAliased ? { ...field, required: false } : field)
}

const aliasesIn = ({ query }: Places, { aliases }: Procedure, fields: Map<string, Field>): Parameter[] =>
  Object.entries(aliases ?? {})
    .filter(([, name]) => query.includes(name))
    .map(([alias, name]) => ({
      ...parameterOf('query', { ...fields.get(name)!, name: alias, required: false, example: undefined }),
      description: `Another spelling of \`${name}\`.`,
    }))

function headersOf({ spec, method }: Route): (keyof typeof PARAMETERS)[] {
  return [
    ...(spec.command ? (['IdempotencyKey', 'Prefer'] as const) : []),
    ...('expectedVersion' in spec.input.shape ? (['IfMatch'] as const) : []),
    ...(method === 'GET' && etagged(spec) ? (['IfNoneMatch'] as const) : []),
    ...(spec.kind === 'subscription' && 'lastEventId' in spec.input.shape ? (['LastEventId'] as const) : []),
    'ConsistencyToken',
  ]
}
