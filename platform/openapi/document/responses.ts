import { STATUS_CODES } from 'node:http'
import { receipt } from '../../commands/receipt.ts'
import type { Procedure } from '../../contract/contract.ts'
import { type Codes, STATUS } from '../../errors/codes.ts'
import { PROBLEM_TYPE } from '../../errors/problem.ts'
import { statusOf } from '../places.ts'
import type { Route } from '../routes.ts'
import { SSE_TYPE } from '../sse.ts'
import { codesOf } from './codes-of.ts'
import { type HEADERS, refTo } from './components.ts'
import type { JsonSchema, Schemas } from './schemas.ts'

export interface DocumentedResponse {
  description: string
  headers?: Record<string, { $ref: string }>
  content?: Record<string, { schema: JsonSchema; example?: unknown }>
}

/** Every status that a route answers with. */
export function responsesOf(route: Route, schemas: Schemas, codes: Codes): Record<string, DocumentedResponse> {
  const { spec, method } = route
  return {
    [statusOf(spec)]: success(spec, schemas),
    ...(spec.command && { 202: accepted(schemas) }),
    ...(method === 'GET' &&
      etagged(spec) && { 304: { description: 'It is as you know it.', headers: headers('ETag') } }),
    ...failures(route, codes),
  }
}

/** Whether answers carry a version, and so an ETag. */
export const etagged = ({ output }: Procedure): boolean => {
  const { def } = output._zod as unknown as { def: { shape?: object } }
  return def.shape !== undefined && 'version' in def.shape
}

function success(spec: Procedure, schemas: Schemas): DocumentedResponse {
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
  return { description: status === 201 ? 'Made.' : spec.summary, headers: named, content }
}

const accepted = (schemas: Schemas): DocumentedResponse => ({
  description: 'Accepted; the outcome is not known yet.',
  headers: headers('Location', 'Consistency-Token'),
  content: { 'application/json': { schema: schemas.output(receipt) } },
})

function failures(route: Route, codes: Codes): Record<string, DocumentedResponse> {
  const byStatus = new Map<number, string[]>([[414, ['input.too_large']]])
  for (const code of codesOf(route)) {
    const known = codes[code]
    if (!known) throw new Error(`${route.name} rejects with ${code}, which no list of codes has`)
    const status = STATUS[known.trpc]
    byStatus.set(status, [...(byStatus.get(status) ?? []), code])
  }
  return Object.fromEntries([...byStatus].map(([status, names]) => [status, failure(status, names, codes)]))
}

function failure(status: number, names: readonly string[], codes: Codes): DocumentedResponse {
  const lines = names.map((name) => `- \`${name}\`: ${codes[name]!.says}`)
  return {
    description: `${STATUS_CODES[status]}\n\n${lines.join('\n')}`,
    headers: headers(
      ...(status === 401 ? (['WWW-Authenticate'] as const) : []),
      ...(status === 429 || status === 503 ? (['Retry-After'] as const) : []),
    ),
    content: {
      [PROBLEM_TYPE]: { schema: { allOf: [refTo('schemas', 'Problem'), { properties: { code: { enum: names } } }] } },
    },
  }
}

const headers = (...names: (keyof typeof HEADERS)[]): Record<string, { $ref: string }> =>
  Object.fromEntries(['X-Request-Id', ...names].map((name) => [name, refTo('headers', name)]))
