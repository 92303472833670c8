import type { Procedure } from '../contract/contract.ts'
import { Failure } from '../errors/failure.ts'
import { refuseAs } from '../errors/refusal.ts'
import type { Rest } from '../openapi/adapter.ts'
import type { CallContext } from '../trpc/trpc.ts'
import type { Exchange } from './access-log.ts'
import type { Admission } from './admission.ts'
import { MAX_WAIT_MS } from './asked.ts'
import { BODY_MS } from './body.ts'
import type { Connection, CreateContext } from './context.ts'
import { elsewhere } from './elsewhere.ts'
import type { Health } from './health.ts'
import type { Pages } from './pages.ts'
import type { Reply } from './reply.ts'
import type { Target } from './target.ts'
import type { TrpcFace } from './trpc.ts'
import { callsOf, TRPC_PREFIX } from './trpc-calls.ts'

export interface FrontParts {
  rest: Rest
  trpc: TrpcFace
  specs: ReadonlyMap<string, Procedure>
  /** Pages that are answered whatever the state. */
  always: Pages
  pages: Pages
  createContext: CreateContext
  admission: Admission
  health: Health
  deadlineMs: number
}

/** Not HEAD: tRPC's own handler answers it whatever is called, and by whom. */
const TRPC_METHODS = ['GET', 'POST']

/** Some clients, and all that stands between them and us, take no longer ones. */
const MAX_URL = 8 * 1024

const MAY_HAPPEN = 'There was no answer in time; a change may have happened all the same.'

/** From a request to the face or page that answers it, through all that may refuse it before. */
export function createFront(parts: FrontParts) {
  const { rest, trpc, specs, always, pages, createContext, admission, health, deadlineMs } = parts

  return async (exchange: Exchange, target: Target, request: Request, connection: Connection): Promise<Reply> => {
    const { path, query } = target
    const plain = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
    if (always.has(plain)) return page(always, plain, exchange, request)
    const another = elsewhere(health, request)
    if (another) return another
    if (!health.serving()) throw new Failure('service.starting')
    if (path.length + query.length > MAX_URL) throw tooLong()
    if (path.startsWith(TRPC_PREFIX)) {
      if (!TRPC_METHODS.includes(request.method)) return wrongMethod(TRPC_METHODS, request)
      const calls = callsOf(target)
      return call(calls.names, (ctx) => trpc.answer(calls, target, request, ctx), exchange, request, connection)
    }
    const found = rest.find(request.method, path)
    if (found && 'route' in found) {
      const { route, params } = found
      return call([route.name], (ctx) => rest.answer(route, params, query, request, ctx), exchange, request, connection)
    }
    if (pages.has(plain)) return page(pages, plain, exchange, request)
    if (found) return wrongMethod(found.allow, request)
    throw new Failure('route.unknown')
  }

  async function call(
    names: readonly string[],
    answer: (ctx: CallContext) => Promise<Reply>,
    exchange: Exchange,
    request: Request,
    connection: Connection,
  ): Promise<Reply> {
    const { lifetime } = exchange
    const [name] = names
    const spec = specs.get(name!)
    exchange.route = names.length > 1 ? 'batch' : spec ? name! : 'unknown'
    const ctx = await createContext(request, exchange, connection, lifetime.signal)
    exchange.ctx = ctx
    admission.admit(names, ctx)
    if (spec?.kind === 'subscription') exchange.release = admission.stream(ctx)
    const isQuery = request.method === 'GET' || request.method === 'HEAD'
    const waitMs = spec?.waits ? MAX_WAIT_MS : isQuery ? 0 : Math.max(BODY_MS, ctx.asked.waitMs)
    const appends = names.some((called) => specs.get(called)?.command)
    return lifetime.within(deadlineMs + waitMs, answer(ctx), () =>
      appends ? new Failure('log.unknown') : new Failure('service.overloaded', isQuery ? undefined : MAY_HAPPEN),
    )
  }
}

async function page(pages: Pages, path: string, exchange: Exchange, request: Request): Promise<Reply> {
  exchange.route = path
  if (request.method !== 'GET' && request.method !== 'HEAD') return wrongMethod(['GET', 'HEAD'], request)
  return pages.get(path)!(request)
}

const tooLong = () => refuseAs(414, new Failure('input.too_large', `A URL has at most ${MAX_URL} characters.`))

function wrongMethod(allow: readonly string[], { method }: Request): Reply {
  const all = [...allow, 'OPTIONS']
  if (method === 'OPTIONS') return { status: 204, headers: { allow: all.join(', ') }, body: null }
  throw new Failure('route.method', undefined, { extra: { allow: all } })
}
