import type { Command } from '../../../platform/commands/command.ts'
import { commandRecord } from '../../../platform/commands/record.ts'
import { hashedId } from '../../../platform/ids.ts'
import { partitionOf } from '../../../platform/log/partition.ts'
import type { Log } from '../../../platform/log/port.ts'
import type { Sql } from '../../../platform/sql/port.ts'
import type { Clock } from '../../../platform/waiting.ts'
import { readProgress } from '../ownership/progress.ts'

/** Tasks at once: what others send to the same partition waits behind them. */
const CHUNK = 200
/** A partition that takes longer has other troubles: the next round goes on. */
const PATIENCE_MS = 30_000
const LOOK_MS = 100

export interface PurgeParts {
  log: Log
  sql: Sql
  clock: Clock
  owned: () => readonly number[]
}

/**
 * Sends removals for the tasks of removed projects, a chunk at a time, each once the one before is decided: nobody else's
 * commands wait behind more than one, and none piles up where nothing is decided. Their ids come from the tasks, so
 * one that is sent twice is decided once.
 */
export async function purge({ log, sql, clock, owned }: PurgeParts, signal: AbortSignal): Promise<void> {
  for (const project of await removedProjects(sql)) {
    const partition = partitionOf(project)
    if (!owned().includes(partition)) continue
    let last: string | undefined = '00000000-0000-0000-0000-000000000000'
    while (last && !signal.aborted) {
      const tasks: string[] = await livingTasks(sql, project, last)
      last = tasks.at(-1)
      if (!last) break
      const at = new Date(clock.now()).toISOString()
      const offsets = await log.append(
        'commands',
        tasks.map((task) => commandRecord(removal(task, project, at))),
      )
      if (!(await isDecided(sql, clock, partition, offsets.at(-1)!, signal))) return
    }
  }
}

/** Those that still have tasks. */
async function removedProjects(sql: Sql): Promise<string[]> {
  const rows = await sql.query<{ id: string }>(
    `SELECT id FROM projects p WHERE deleted
        AND EXISTS (SELECT FROM tasks t WHERE t.project_id = p.id AND NOT t.deleted) ORDER BY id`,
    [],
    'purge-projects',
  )
  return rows.map(({ id }) => id)
}

async function livingTasks(sql: Sql, project: string, after: string): Promise<string[]> {
  const rows = await sql.query<{ id: string }>(
    `SELECT id FROM tasks WHERE project_id = $1::uuid AND NOT deleted AND id > $2::uuid ORDER BY id LIMIT ${CHUNK}`,
    [project, after],
    'purge-tasks',
  )
  return rows.map(({ id }) => id)
}

async function isDecided(
  sql: Sql,
  clock: Clock,
  partition: number,
  offset: number,
  signal: AbortSignal,
): Promise<boolean> {
  const deadline = clock.monotonic() + PATIENCE_MS
  while (!signal.aborted && clock.monotonic() < deadline) {
    if ((await readProgress(sql, partition)).next > offset) return true
    await clock.sleep(LOOK_MS, signal)
  }
  return false
}

const removal = (task: string, project: string, at: string): Command => ({
  v: 1,
  id: hashedId('purge', task),
  type: 'task.remove',
  schema: 1,
  at,
  actor: { id: null, role: 'system' },
  entity: task,
  root: project,
  payload: {},
  hash: 'purge',
  keyed: false,
  request: 'purge',
})
