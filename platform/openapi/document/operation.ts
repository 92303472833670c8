import type { Route } from '../routes.ts'
import { fieldsOf } from './fields.ts'
import { type ParameterOrRef, parametersOf } from './parameters.ts'
import { type RequestBody, requestBodyOf } from './request-body.ts'
import type { ResponseOrRef } from './response.ts'
import { responsesOf, type Shared } from './responses.ts'

export interface Operation {
  /** The procedure: `tasks.create`. */
  operationId: string
  tags: string[]
  summary: string
  /** Empty for what is called without a token; otherwise the document's own. */
  security?: []
  parameters: ParameterOrRef[]
  requestBody?: RequestBody
  responses: Record<string, ResponseOrRef>
}

export function operationOf(route: Route, shared: Shared): Operation {
  const { name, spec } = route
  const fields = fieldsOf(spec, shared.schemas)
  const requestBody = requestBodyOf(route, fields)
  return {
    operationId: name,
    tags: [name.split('.')[0]!],
    summary: spec.summary,
    ...(spec.open && { security: [] }),
    parameters: parametersOf(route, fields),
    ...(requestBody && { requestBody }),
    responses: responsesOf(route, shared),
  }
}
