import type { Health } from './health.ts'
import type { Reply } from './reply.ts'

/**
 * How a gateway says that it sends a request to another instance where this one answers 421 (RFC 9110, 15.5.20: nothing was
 * done, and whatever the method it may be sent again).
 */
export const GATEWAY_HEADER = 'gateway-retries'
export const MISDIRECTED = 421

/**
 * An instance that starts or stops has the gateway ask another one, which also tells the gateway to leave it alone. Everybody
 * else has no other instance, and is answered.
 */
export function elsewhere(health: Health, { headers }: Request): Reply | undefined {
  if (health.serving() && !health.leaving()) return undefined
  return headers.get(GATEWAY_HEADER) === String(MISDIRECTED)
    ? { status: MISDIRECTED, headers: {}, body: null }
    : undefined
}
