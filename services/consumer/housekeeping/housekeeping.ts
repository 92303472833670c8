import type { Logger } from 'pino'
import { OUTCOMES_KEPT_DAYS } from '../../../platform/commands/operations/outcomes.ts'
import type { Log } from '../../../platform/log/port.ts'
import type { Sql } from '../../../platform/sql/port.ts'
import { type Clock, within } from '../../../platform/waiting.ts'
import type { Batch } from '../decide/decide.ts'
import { purge } from './purge.ts'

const SWEEP_MS = 60_000
const CLOSE_MS = 5000
const KEPT = `interval '${OUTCOMES_KEPT_DAYS} days'`
/** Rows dropped in one statement: few enough for its deadline, and for who waits behind it. */
const CHUNK = 1000

/** What nobody waits for: tasks of removed projects are removed in chunks, old outcomes are dropped. */
export interface Housekeeping {
  /** Looks at what was decided: a removed project is swept soon instead of at the next round. */
  decided(batch: Batch): void
  /** Ends with the statement under way (bounded). Idempotent. */
  close(): Promise<void>
}

export interface HousekeepingParts {
  log: Log
  sql: Sql
  clock: Clock
  logger: Logger
  /** Partitions that this process decides: it sweeps those only. */
  owned: () => readonly number[]
}

export function createHousekeeping(parts: HousekeepingParts): Housekeeping {
  const { sql, clock, logger, owned } = parts
  const stopping = new AbortController()
  const { signal } = stopping
  let pause = new AbortController()
  signal.addEventListener('abort', () => pause.abort(), { once: true })
  const running = run()

  async function run(): Promise<void> {
    while (!signal.aborted) {
      await clock.sleep(SWEEP_MS, pause.signal)
      if (signal.aborted) return
      pause = new AbortController()
      try {
        let more = true
        while (more && !signal.aborted) more = await dropOldOutcomes(sql, owned())
        await purge(parts, signal)
      } catch (error) {
        if (!signal.aborted) logger.warn({ err: error }, 'housekeeping will try again')
      }
    }
  }

  return {
    decided({ decided }) {
      if (decided.some(({ outcome }) => outcome.events.some(({ type }) => type === 'project.removed'))) pause.abort()
    },
    async close() {
      stopping.abort()
      await within(running, CLOSE_MS)
    },
  }
}

/** Drops a chunk of the outcomes older than they are kept, which every cursor has passed; false when there are no more. */
async function dropOldOutcomes(sql: Sql, partitions: readonly number[]): Promise<boolean> {
  const dropped = await sql.query(
    `DELETE FROM outcomes o USING (
       SELECT partition, position FROM outcomes JOIN consumer_progress p USING (partition)
        WHERE partition = ANY($1::int[]) AND decided_at < now() - ${KEPT}
          AND position < least(p.published, p.decided, p.served)
        ORDER BY decided_at, position LIMIT ${CHUNK}) old
      WHERE o.partition = old.partition AND o.position = old.position RETURNING 1`,
    [partitions],
    'drop-old-outcomes',
  )
  return dropped.length === CHUNK
}
