import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import type { Actor } from '../auth/actor.ts'
import type { Trace } from '../telemetry/trace.ts'
import type { CallContext } from '../trpc/trpc.ts'
import { askedBy } from './asked.ts'

export interface Verifier {
  /** @throws Failure `auth.invalid`, `auth.expired`, `auth.revoked` */
  verify(bearer: string): Promise<Actor>
  /** A JWK set, for `/.well-known/jwks.json`. */
  jwks(): object
}

/** What the server knows of a connection and the request does not say. */
export interface Connection {
  /** The peer's address. */
  address: string
}

export interface ContextParts {
  verifier: Verifier
  logger: Logger
  /** How many proxies stand before this server, each adding its peer's address to X-Forwarded-For. */
  proxies: number
}

/** What the log calls a request by. */
export interface Named {
  requestId: string
  trace: Trace
}

export type CreateContext = (
  request: Request,
  named: Named,
  connection: Connection,
  signal: () => AbortSignal,
) => Promise<CallContext>

/**
 * The contexts of requests. A token that is refused is kept for the procedure to speak of, which may be an open one; so is a
 * header that cannot be understood, because who asks comes first.
 */
export function createContexts({ verifier, logger, proxies }: ContextParts): CreateContext {
  return async (request, { requestId, trace }, connection, signal) => {
    const { headers } = request
    const asked = understood(headers)
    const bearer = bearerOf(headers.get('authorization'))
    const { actor, refused } = bearer === undefined ? NOBODY : await identify(bearer)
    let log: Logger | undefined
    let sent: Headers | undefined
    return {
      requestId,
      actor,
      refused,
      bearer,
      address: addressOf(headers, connection, proxies),
      get signal() {
        return signal()
      },
      get log() {
        log ??= logger.child({ requestId, traceId: trace.traceId })
        return log
      },
      traceparent: trace.traceparent,
      tracestate: trace.tracestate,
      ...asked,
      reply: {
        get headers() {
          sent ??= new Headers()
          return sent
        },
        status: undefined,
      },
      touched: () => sent !== undefined,
    }
  }

  async function identify(bearer: string): Promise<{ actor: Actor | null; refused: unknown }> {
    try {
      return { actor: await verifier.verify(bearer), refused: undefined }
    } catch (error) {
      return { actor: null, refused: error }
    }
  }
}

function understood(headers: Headers): Pick<CallContext, 'asked' | 'misasked'> {
  try {
    return { asked: askedBy(headers) }
  } catch (misasked) {
    return { asked: NOTHING_ASKED, misasked }
  }
}

const NOTHING_ASKED = askedBy(new Headers())

const NOBODY = { actor: null, refused: undefined }

/** The client's own id where it is a plain one, so that its log and ours meet. */
export function requestIdOf(headers: Headers): string {
  const given = headers.get('x-request-id')
  return given !== null && /^[\w.:-]{1,100}$/.test(given) ? given : randomUUID()
}

/**
 * One word after the scheme (RFC 6750, 2.1). Other schemes say nothing to us: an empty Basic header comes with every
 * Authorize form.
 */
function bearerOf(authorization: string | null): string | undefined {
  return authorization === null ? undefined : /^Bearer +(\S+)$/i.exec(authorization)?.[1]
}

/** The nearest address that no trusted proxy has. */
export function addressOf(headers: Headers, { address }: Connection, proxies: number): string {
  if (proxies === 0) return address
  const forwarded = (headers.get('x-forwarded-for') ?? '').split(',').map((text) => text.trim())
  return forwarded.at(-proxies) || address
}
