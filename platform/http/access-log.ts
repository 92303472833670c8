import type { Logger } from 'pino'
import type { Trace } from '../telemetry/trace.ts'
import type { CallContext } from '../trpc/trpc.ts'
import type { Lifetime } from './lifetime.ts'
import type { RequestMetrics } from './metrics.ts'

/** What becomes known of a request while it is answered. */
export interface Exchange {
  requestId: string
  trace: Trace
  /** The procedure, or a word for what is none: never the path, which may name people. */
  route: string
  ctx: CallContext | undefined
  lifetime: Lifetime
  /** Gives back what the answer holds until it is complete. */
  release: (() => void) | undefined
  /** Monotonic milliseconds. */
  started: number
}

/** Asked for every few seconds by whoever watches the process. */
const watched = new Set(['/livez', '/readyz', '/metrics'])

/** One line and one observation for each request. */
export function createAccessLog(
  logger: Logger,
  metrics: RequestMetrics,
): (exchange: Exchange, method: string, status: number) => void {
  return ({ requestId, trace, route, started }, method, status) => {
    const ms = performance.now() - started
    metrics.observe(route, status, ms / 1000)
    const level = watched.has(route) ? 'debug' : 'info'
    const { traceId, spanId } = trace
    logger[level]({ requestId, traceId, spanId, method, route, status, ms: Math.round(ms * 1000) / 1000 }, 'request')
  }
}
