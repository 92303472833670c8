import { STATUS_CODES } from 'node:http'
import { type CodeDefinition, type Codes, platformCodes, STATUS } from '../../errors/codes.ts'
import { PROBLEM_TYPE, type Problem, problemOf } from '../../errors/problem.ts'
import type { Route } from '../routes.ts'
import { codesOf } from './codes-of.ts'
import { headers } from './headers.ts'
import { refTo } from './ref.ts'
import type { OneResponse, ResponseOrRef } from './response.ts'

/** An example of a problem, by the name of its code. */
export interface ProblemExample {
  value: Problem
}

/** The failures of routes. What is alike on many stands once among the components. */
export interface Failures {
  of(route: Route): Record<string, ResponseOrRef>
  /** Those that were referred to, by name. */
  responses(): Record<string, OneResponse>
  /** One of every code. */
  examples(): Record<string, ProblemExample>
}

export function createFailures(codes: Codes): Failures {
  const shared = new Map<string, { names: string; response: OneResponse }>()

  return {
    of: (route) =>
      Object.fromEntries([...byStatus(route, codes)].map(([status, names]) => [status, responseOf(status, names)])),
    responses: () => Object.fromEntries([...shared].sort().map(([name, { response }]) => [name, response])),
    examples: () => Object.fromEntries(Object.entries(codes).map(([code, known]) => [code, exampleOf(code, known)])),
  }

  function responseOf(status: number, names: readonly string[]): ResponseOrRef {
    const response = failureOf(status, names, codes)
    const name = nameOf(status, names)
    if (name === undefined) return response
    const before = shared.get(name)
    if (before && before.names !== names.join()) throw new Error(`${name} is already ${before.names}`)
    shared.set(name, { names: names.join(), response })
    return refTo('responses', name)
  }
}

function byStatus(route: Route, codes: Codes): Map<number, string[]> {
  const found = new Map<number, string[]>([[414, ['input.too_large']]])
  for (const code of codesOf(route)) {
    const known = codes[code]
    if (!known) throw new Error(`${route.name} rejects with ${code}, which no list of codes has`)
    const status = STATUS[known.trpc]
    found.set(status, [...(found.get(status) ?? []), code])
  }
  return found
}

function failureOf(status: number, names: readonly string[], codes: Codes): OneResponse {
  const lines = names.map((name) => `- \`${name}\`: ${codes[name]!.says}`)
  const examples = names.map((name) => [name, refTo('examples', name)])
  return {
    description: `${STATUS_CODES[status]}\n\n${lines.join('\n')}`,
    headers: headers(
      ...(status === 401 ? (['WWW-Authenticate'] as const) : []),
      ...(status === 429 || status === 503 ? (['Retry-After'] as const) : []),
    ),
    content: {
      [PROBLEM_TYPE]: {
        schema: { allOf: [refTo('schemas', 'Problem'), { properties: { code: { enum: names } } }] },
        examples: Object.fromEntries(examples),
      },
    },
  }
}

/** Codes that make a response another one than most routes have with its status, and what is then put to its name. */
const KINDS: readonly (readonly [code: string, kind: string])[] = [
  ['input.cursor', 'OfPage'],
  ['command.failed', 'OfCommand'],
  ['log.unavailable', 'OfCommand'],
  ['operation.not_found', 'OfOperation'],
]

/** `ServiceUnavailableOfCommand`, `task.not_found`; undefined for what is a single operation's own. */
function nameOf(status: number, names: readonly string[]): string | undefined {
  if (!names.every((name) => Object.hasOwn(platformCodes, name))) return names.length === 1 ? names[0] : undefined
  const kind = KINDS.find(([code]) => names.includes(code))?.[1] ?? ''
  return `${STATUS_CODES[status]!.replaceAll(' ', '')}${kind}`
}

function exampleOf(code: string, { trpc, says }: CodeDefinition): ProblemExample {
  const extra = code === 'input.invalid' ? { issues: [{ path: ['title'], message: 'There is no such field.' }] } : {}
  const resolved = { code, trpc, status: STATUS[trpc], says, detail: undefined, extra, retryAfter: undefined }
  return { value: problemOf(resolved, '7d5d0a3f-0f0e-4f6c-9d5c-2f3a8a4c1b11') }
}
