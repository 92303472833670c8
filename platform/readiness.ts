import type { Health } from './http/health.ts'
import type { Platform } from './open.ts'
import type { Metrics } from './telemetry/metrics.ts'
import { sentenceOf } from './thrown.ts'
import { within } from './waiting.ts'

/** One look at a part; throws what is wrong with it. */
export type Probe = () => Promise<unknown>

const PROBE_MS = 1000
/** How long an answer is good for: probes come from more than one watcher. */
const FRESH_MS = 500

export interface Readiness extends Health {
  /** Serving from now on. */
  open(): void
  /** Not ready any more: the process is stopping, and goes on serving what still comes. */
  shut(): void
}

/** Readiness by looking at the parts. Redis is none of them: without it everything works, only slower. */
export function createReadiness(probes: Readonly<Record<string, Probe>>): Readiness {
  let serving = false
  let stopping = false
  let last: { at: number; missing: Promise<Record<string, string>> } | undefined

  return {
    serving: () => serving,
    leaving: () => stopping,
    open: () => {
      serving = true
    },
    shut: () => {
      stopping = true
    },
    async missing() {
      if (stopping) return { process: 'stopping' }
      if (!serving) return { process: 'starting' }
      const at = performance.now()
      if (!last || at - last.at > FRESH_MS) last = { at, missing: look(probes) }
      return last.missing
    },
  }
}

async function look(probes: Readonly<Record<string, Probe>>): Promise<Record<string, string>> {
  const found = await Promise.all(
    Object.entries(probes).map(async ([name, probe]) => {
      const reason = await within(
        probe().then(() => '', sentenceOf),
        PROBE_MS,
      )
      return [name, reason ?? `no answer within ${PROBE_MS} ms`] as const
    }),
  )
  return Object.fromEntries(found.filter(([, reason]) => reason !== ''))
}

/** What `/readyz` says, as a metric. */
export function measureReadiness(
  metrics: Metrics,
  { missing }: Pick<Health, 'missing'>,
  parts: readonly string[],
): void {
  metrics.gauge('part_up', '1 for each part that answers, 0 for one that is missing.', ['part'], async (gauge) => {
    const without = await missing()
    for (const part of parts) gauge.set({ part }, part in without ? 0 : 1)
  })
}

/** The parts that a platform stands on. */
export const probesOf = ({ sql, log, mongo, verifier }: Platform): Record<string, Probe> => ({
  postgres: () => sql.query('SELECT 1'),
  log: () => log.describe('commands'),
  ...(mongo && { mongodb: () => mongo.ping(PROBE_MS) }),
  keys: async () => {
    if (!verifier.ready()) throw new Error('the signing keys have not been read yet')
  },
})
