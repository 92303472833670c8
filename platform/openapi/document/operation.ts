import type { Codes } from '../../errors/codes.ts'
import type { Route } from '../routes.ts'
import { fieldsOf } from './fields.ts'
import { type ParameterOrRef, parametersOf } from './parameters.ts'
import { type RequestBody, requestBodyOf } from './request-body.ts'
import { type DocumentedResponse, responsesOf } from './responses.ts'
import type { Schemas } from './schemas.ts'

export interface Operation {
  /** The procedure: `tasks.create`. */
  operationId: string
  tags: string[]
  summary: string
  /** Empty for what is called without a token; otherwise the document's own. */
  security?: []
  parameters: ParameterOrRef[]
  requestBody?: RequestBody
  responses: Record<string, DocumentedResponse>
}

export function operationOf(route: Route, schemas: Schemas, codes: Codes): Operation {
  const { name, spec } = route
  const fields = fieldsOf(spec, schemas)
  const requestBody = requestBodyOf(route, fields)
  return {
    operationId: name,
    tags: [name.split('.')[0]!],
    summary: spec.summary,
    ...(spec.open && { security: [] }),
    parameters: parametersOf(route, fields),
    ...(requestBody && { requestBody }),
    responses: responsesOf(route, schemas, codes),
  }
}
