import { type PlatformCode, platformCodes, STATUS } from '../platform/errors/codes.ts'
import { Failure } from '../platform/errors/failure.ts'
import { PROBLEM_TYPE, problemOf, refusalHeaders } from '../platform/errors/problem.ts'
import { Refusal } from '../platform/errors/refusal.ts'
import { resolve } from '../platform/errors/resolve.ts'
import { MISDIRECTED } from '../platform/http/elsewhere.ts'
import { JSON_TYPE } from '../platform/http/reply.ts'
import { TRPC_PREFIX } from '../platform/http/trpc-calls.ts'
import { errorShape } from '../platform/trpc/trpc.ts'

/** What can go wrong in the gateway itself, as Caddy tells it, and the code that clients are told; the first that fits. */
const kinds: readonly { name: string; when: string; code: PlatformCode }[] = [
  { name: 'malformed', when: '{err.status_code} == 400', code: 'input.malformed' },
  { name: 'unknown', when: '{err.status_code} == 404', code: 'route.unknown' },
  { name: 'large', when: '{err.status_code} == 413', code: 'input.too_large' },
  {
    name: 'unsent',
    when: `{err.status_code} in [${MISDIRECTED}, 503] || {err.message}.startsWith("dial ")`,
    code: 'gateway.unavailable',
  },
  { name: 'late', when: '{err.status_code} == 504', code: 'gateway.timeout' },
  { name: 'lost', when: '{err.status_code} == 502', code: 'gateway.lost' },
]

/** The body of `handle_errors`: each kind in the words of the face that the request came by, as the services answer. */
export const gatewayErrors = (): string =>
  [
    'header Cache-Control no-store',
    'header X-Content-Type-Options nosniff',
    'header X-Request-Id {header.X-Request-Id}',
    `@trpc path ${TRPC_PREFIX}*`,
    ...kinds.map(({ name, when }) => `@${name} expression \`${when}\``),
    'handle @trpc {',
    `\theader Content-Type ${JSON_TYPE}`,
    ...kinds.map(({ name, code }) => answer(`@${name} `, code, trpcBody(code))),
    answer('', 'internal', trpcBody('internal')),
    '}',
    'handle {',
    `\theader Content-Type ${PROBLEM_TYPE}`,
    ...kinds.map(({ name, code }) => answer(`@${name} `, code, restBody(code))),
    answer('', 'internal', restBody('internal')),
    '}',
  ].join('\n')

function answer(matcher: string, code: PlatformCode, body: object): string {
  const resolved = resolve(new Failure(code))
  const headers = Object.entries(refusalHeaders(resolved)).map(([header, value]) => `\t\theader ${header} ${value}`)
  const respond = `\t\trespond \`${JSON.stringify(body)}\` ${STATUS[platformCodes[code].trpc]}`
  return [`\thandle ${matcher}{`, ...headers, respond, '\t}'].join('\n')
}

const REQUEST_ID = '{http.request.header.X-Request-Id}'

const restBody = (code: PlatformCode): object => problemOf(resolve(new Failure(code)), REQUEST_ID)

function trpcBody(code: PlatformCode): object {
  const failure = new Failure(code)
  return { error: errorShape(new Refusal(resolve(failure), failure), undefined, REQUEST_ID) }
}
