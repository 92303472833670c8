import type { Command } from '../../../platform/commands/command.ts'
import { newId } from '../../../platform/ids.ts'
import { partitionOf } from '../../../platform/log/partition.ts'
import { type Log, type LogRecord, PARTITIONS } from '../../../platform/log/port.ts'
import type { Sql } from '../../../platform/sql/port.ts'
import { createDecider } from '../decide/decide.ts'
import { entities } from '../entities.ts'
import { commandOf, projectPayload, taskPayload, userPayload } from '../fixture.testing.ts'
import { publish } from '../following/publish.ts'
import { takeOver } from '../ownership/progress.ts'

/** What the log and the database must tell alike. */
export const tables: [what: string, statement: string][] = [
  ['users', 'SELECT id, version, data FROM users ORDER BY id'],
  ['projects and their counters', 'SELECT id, version, data, task_counter FROM projects ORDER BY id'],
  ['tasks', 'SELECT id, version, data FROM tasks ORDER BY id'],
  ['progress', 'SELECT partition, next_offset FROM consumer_progress ORDER BY partition'],
  [
    'outcomes',
    'SELECT partition, position, command_id, first, rejection, record FROM outcomes ORDER BY partition, position',
  ],
]

/** Names that change hands across partitions, a project with tasks, refusals, a repeat. */
export function historyOf(): Command[] {
  const [admin, a, b, project] = [newId(), newId(), newId(), newId()]
  const by = { actor: { id: admin, role: 'admin' as const } }
  const name = (username: string) => ({ username, usernameKey: username })
  const keyed = commandOf('user.create', newId(), userPayload('kept'), { keyed: true })
  return [
    commandOf('user.create', admin, userPayload('admin', { role: 'admin' })),
    commandOf('user.create', a, userPayload('anna')),
    commandOf('user.create', b, userPayload('boris')),
    commandOf('user.update', a, name('away')),
    commandOf('user.update', b, name('anna')),
    commandOf('user.update', a, name('anna')),
    keyed,
    keyed,
    commandOf('project.create', project, projectPayload('P', 'PP'), by),
    ...['one', 'two', 'three'].map((title) =>
      commandOf('task.create', newId(), taskPayload(title), { ...by, root: project }),
    ),
    commandOf('project.update', project, { description: 'later' }, by),
    commandOf('user.remove', a, {}),
  ].map((command) => ({ ...command, at: new Date().toISOString() })) // outcomes of long ago are not kept
}

/** Appends one after the other; resolves to the records, in that order. */
export async function appendAll(log: Log, commands: readonly Command[]): Promise<LogRecord[]> {
  const records: LogRecord[] = []
  for (const command of commands) {
    const partition = partitionOf(command.root)
    const [offset] = await log.append('commands', [{ partition, key: command.root, value: JSON.stringify(command) }])
    records.push(...(await log.read('commands', partition, offset!, 1)))
  }
  return records
}

/**
 * Decides one command at a time, so that the order across partitions is the order of the list, and always with the same
 * outcome. @param log null where nothing is told of it
 */
export async function decideAll(
  log: Log | null,
  sql: Sql,
  records: readonly LogRecord[],
  incarnation = 1,
): Promise<void> {
  const decider = createDecider(sql, entities, incarnation)
  const epochs: number[] = []
  for (let partition = 0; partition < PARTITIONS; partition++) {
    epochs.push((await takeOver(sql, partition, Date.now())).epoch)
  }
  for (const record of records) {
    for (const batch of await decider.decide(record.partition, epochs[record.partition]!, [record])) {
      if (log) await publish(log, batch)
    }
  }
}
