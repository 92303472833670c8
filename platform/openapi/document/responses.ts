import type { Procedure } from '../../contract/contract.ts'
import { statusOf } from '../places.ts'
import type { Route } from '../routes.ts'
import { SSE_TYPE } from '../sse.ts'
import type { Failures } from './failures.ts'
import { headers } from './headers.ts'
import type { LinksOf } from './links.ts'
import { refTo } from './ref.ts'
import type { OneResponse, ResponseOrRef } from './response.ts'
import type { Schemas } from './schemas.ts'

/** What operations have in common, each once. */
export interface Shared {
  schemas: Schemas
  failures: Failures
  linksOf: LinksOf
}

/** Every status that a route answers with. */
export function responsesOf(route: Route, shared: Shared): Record<string, ResponseOrRef> {
  const { spec, method } = route
  return {
    [statusOf(spec)]: success(spec, shared),
    ...(spec.command && { 202: refTo('responses', 'Accepted') }),
    ...(method === 'GET' && etagged(spec) && { 304: refTo('responses', 'NotModified') }),
    ...shared.failures.of(route),
  }
}

/** Whether answers carry a version, and so an ETag. */
export const etagged = ({ output }: Procedure): boolean => {
  const { def } = output._zod as unknown as { def: { shape?: object } }
  return def.shape !== undefined && 'version' in def.shape
}

function success(spec: Procedure, { schemas, linksOf }: Shared): OneResponse {
  const status = statusOf(spec)
  const named = headers(
    ...(etagged(spec) ? (['ETag'] as const) : []),
    ...(status === 201 ? (['Location'] as const) : []),
    ...(spec.command ? (['Consistency-Token'] as const) : []),
  )
  if (status === 204) return { description: 'Done.', headers: named }
  const type = spec.kind === 'subscription' ? SSE_TYPE : 'application/json'
  const { output } = spec.example
  const content = { [type]: { schema: schemas.output(spec.output), ...(output !== undefined && { example: output }) } }
  const description = status === 201 ? 'Made.' : spec.summary
  return { description, headers: named, content, ...(status === 201 && linksOf(spec.location)) }
}
