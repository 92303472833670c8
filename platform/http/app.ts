import type { Logger } from 'pino'
import { type Refusal, refuse } from '../errors/refusal.ts'
import { createRest } from '../openapi/adapter.ts'
import type { OpenApiDocument } from '../openapi/document.ts'
import type { Service } from '../service.ts'
import { traceOf } from '../telemetry/trace.ts'
import { merged } from '../trpc/call.ts'
import { createAccessLog, type Exchange } from './access-log.ts'
import { createAdmission, type Limits } from './admission.ts'
import { type Connection, createContexts, requestIdOf, type Verifier } from './context.ts'
import { createCors } from './cors.ts'
import { createDocs } from './docs.ts'
import { createFinish } from './finish.ts'
import { createFront } from './front.ts'
import type { Health } from './health.ts'
import { createLifetimes } from './lifetime.ts'
import type { RequestMetrics } from './metrics.ts'
import { createDocPages, createHealthPages } from './pages.ts'
import type { Reply } from './reply.ts'
import { NO_TARGET, targetOf } from './target.ts'
import { troubleReply } from './trouble.ts'
import { createTrpcFace } from './trpc.ts'

export interface AppParts {
  services: readonly Service[]
  verifier: Verifier
  health: Health
  metrics: RequestMetrics
  logger: Logger
  document: OpenApiDocument
  limits?: Limits
  /** Origins whose browsers may call, exact: `https://app.example.com`. */
  origins?: readonly string[]
  /** How many proxies stand before this server; their word on the client's address, and on TLS, is taken. */
  proxies?: number
  /** How long a query may take; a change has ten seconds more, for its body and its wait, and so has a query that waits. */
  deadlineMs?: number
  /** False sends single tRPC calls, too, through tRPC's own handler: to compare. */
  directLane?: boolean
}

export interface App {
  /** Answers everything, its own faults included. */
  fetch(request: Request, connection: Connection): Promise<Response>
  /** The answer to what cannot be made a Request of. */
  unreadable(refusal: Refusal): Response
  /** Ends the streams, which would otherwise hold up a graceful stop for ever. */
  endStreams(): void
}

/** Some services as one HTTP application, from Request to Response: the same on Node, on Deno and in a test. */
export function createApp(parts: AppParts): App {
  const { services, verifier, health, metrics, logger, document, limits = {}, origins = [], proxies = 0 } = parts
  const router = merged(services.map((service) => service.router))
  const specs = new Map(
    services.flatMap(({ name, contract }) => Object.entries(contract).map(([key, spec]) => [`${name}.${key}`, spec])),
  )
  const lifetimes = createLifetimes()
  const front = createFront({
    rest: createRest(services, router),
    trpc: createTrpcFace({ router, specs, direct: parts.directLane ?? true }),
    specs,
    always: createHealthPages(health, metrics),
    pages: createDocPages(createDocs(document), () => verifier.jwks()),
    createContext: createContexts({ verifier, logger, proxies }),
    admission: createAdmission(limits),
    health,
    deadlineMs: parts.deadlineMs ?? 10_000,
  })
  const cors = createCors(origins)
  const finish = createFinish({ cors, proxied: proxies > 0, log: createAccessLog(logger, metrics) })

  return {
    async fetch(request, connection) {
      const exchange = begin(request)
      const target = targetOf(request.url)
      const reply = cors.preflight(request) ?? (await front(exchange, target, request, connection).catch(trouble))
      return finish(reply, exchange, request)

      function trouble(error: unknown): Reply {
        const { requestId, trace } = exchange
        const log = exchange.ctx?.log ?? logger.child({ requestId, traceId: trace.traceId })
        return troubleReply(refuse(error, log), target, exchange)
      }
    },
    unreadable(refusal) {
      const exchange = begin(NO_REQUEST)
      return finish(troubleReply(refusal, NO_TARGET, exchange), exchange, NO_REQUEST)
    },
    endStreams: () => lifetimes.endStreams(),
  }

  function begin(request: Asked): Exchange {
    return {
      requestId: requestIdOf(request.headers),
      trace: traceOf(request.headers),
      route: 'unknown',
      ctx: undefined,
      lifetime: lifetimes.begin(request),
      release: undefined,
      started: performance.now(),
    }
  }
}

/** As much of a request as every answer needs. */
type Asked = Pick<Request, 'method' | 'headers' | 'signal'>

/** What no method can be read of, nor anything else. */
const NO_REQUEST: Asked = { method: 'unknown', headers: new Headers(), signal: new AbortController().signal }
