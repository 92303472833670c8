import type { Logger } from 'pino'
import type { Command } from '../../platform/commands/command.ts'
import { hashedId } from '../../platform/ids.ts'
import { partitionOf } from '../../platform/log/partition.ts'
import type { Log } from '../../platform/log/port.ts'
import type { Sql } from '../../platform/sql/port.ts'
import type { Clock } from '../../platform/waiting.ts'
import type { Batch } from './decide.ts'

const SWEEP_MS = 60_000
const PURGE_AT_ONCE = 200
const KEPT = `interval '7 days'`

/** What nobody waits for: tasks of removed projects are removed in chunks, old outcomes are dropped. */
export interface Housekeeping {
  /** Looks at what was decided: a removed project is swept soon instead of at the next round. */
  decided(batch: Batch): void
  close(): void
}

export interface HousekeepingParts {
  log: Log
  sql: Sql
  clock: Clock
  logger: Logger
  /** Partitions that this process decides: it sweeps for those only. */
  owned: () => readonly number[]
}

export function createHousekeeping({ log, sql, clock, logger, owned }: HousekeepingParts): Housekeeping {
  const stopping = new AbortController()
  let soon = new AbortController()

  async function round(): Promise<void> {
    await dropOldOutcomes(sql)
    while (!stopping.signal.aborted && (await purge(log, sql, clock, owned()))) {
      await clock.sleep(100, stopping.signal)
    }
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      await clock.sleep(SWEEP_MS, AbortSignal.any([stopping.signal, soon.signal]))
      soon = new AbortController()
      if (stopping.signal.aborted) return
      await round().catch((error: unknown) => logger.warn({ err: error }, 'housekeeping will try again'))
    }
  }

  void run()
  return {
    decided({ decided }) {
      if (decided.some(({ outcome }) => outcome.events.some(({ type }) => type === 'project.removed'))) soon.abort()
    },
    close: () => stopping.abort(),
  }
}

/** Outcomes older than they are kept, once every cursor has passed them. */
async function dropOldOutcomes(sql: Sql): Promise<void> {
  await sql.query(
    `DELETE FROM outcomes o USING consumer_progress p
      WHERE o.partition = p.partition AND o.decided_at < now() - ${KEPT}
        AND o.position < least(p.published, p.decided, p.served)`,
  )
}

/**
 * Appends removals for one chunk of the tasks of removed projects; false when there are none left. Their ids come from the tasks,
 * so a chunk that is appended twice is decided once.
 */
async function purge(log: Log, sql: Sql, clock: Clock, partitions: readonly number[]): Promise<boolean> {
  const rows = await sql.query<{ id: string; project_id: string }>(
    `SELECT t.id, t.project_id FROM tasks t JOIN projects p ON p.id = t.project_id
      WHERE p.deleted AND NOT t.deleted ORDER BY t.project_id, t.id LIMIT ${PURGE_AT_ONCE}`,
  )
  const own = rows.filter(({ project_id }) => partitions.includes(partitionOf(project_id)))
  if (own.length === 0) return false
  const at = new Date(clock.now()).toISOString()
  const commands = own.map(
    ({ id, project_id }): Command => ({
      v: 1,
      id: hashedId('purge', id),
      type: 'task.remove',
      schema: 1,
      at,
      actor: { id: null, role: 'system' },
      entity: id,
      root: project_id,
      payload: {},
      hash: 'purge',
      keyed: false,
      request: 'purge',
    }),
  )
  await log.append(
    'commands',
    commands.map((command) => ({
      partition: partitionOf(command.root),
      key: command.root,
      value: JSON.stringify(command),
    })),
  )
  return true
}
