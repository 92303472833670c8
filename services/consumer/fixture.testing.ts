import type { Command } from '../../platform/commands/command.ts'
import { newId } from '../../platform/ids.ts'
import { partitionOf } from '../../platform/log/partition.ts'
import type { LogRecord } from '../../platform/log/port.ts'
import { migrate } from '../../platform/sql/migrations.ts'
import { openSql, type SqlOptions } from '../../platform/sql/mod.ts'
import type { Sql } from '../../platform/sql/port.ts'
import { scratchDatabase, scratchDirectory } from '../../platform/sql/scratch.testing.ts'
import { allMigrations } from '../migrations.ts'
import type { CreateTask } from '../tasks/schema.ts'

type Limits = Pick<SqlOptions, 'poolSize' | 'connectMs' | 'statementMs' | 'idleInTransactionMs'>

/** An empty migrated database: embedded, or of its own on the server at `url`. Its limits hold once it is migrated. */
export async function testDatabase(url?: string, limits?: Limits): Promise<{ sql: Sql; drop(): Promise<void> }> {
  const scratch = url ? await scratchDatabase(url) : null
  const embedded = url ? null : await scratchDirectory()
  const place = scratch ? { url: scratch.url } : { directory: embedded!.directory }
  let sql = await openSql(place)
  await migrate(sql, await allMigrations())
  if (limits) {
    await sql.close()
    sql = await openSql({ ...place, ...limits })
  }
  return {
    sql,
    async drop() {
      await sql.close()
      await scratch?.drop()
      await embedded?.remove()
    },
  }
}

/** A command as the edge writes it, by the system unless the test says otherwise. */
export function commandOf(type: string, entity: string, payload: unknown, said: Partial<Command> = {}): Command {
  return {
    v: 1,
    id: newId(),
    type,
    schema: 1,
    at: '2026-01-01T10:00:00.000Z',
    actor: { id: null, role: 'system' },
    entity,
    root: entity,
    payload,
    hash: 'hash',
    keyed: false,
    request: 'request',
    ...said,
  }
}

export const recordsOf = (partition: number, first: number, commands: readonly (Command | string)[]): LogRecord[] =>
  commands.map((command, index) => ({
    partition,
    offset: first + index,
    key: 'key',
    value: typeof command === 'string' ? command : JSON.stringify(command),
    headers: {},
  }))

/** What `user.create` carries. */
export const userPayload = (username: string, said: Record<string, unknown> = {}) => ({
  username,
  usernameKey: username.toLowerCase(),
  email: `${username}@example.com`,
  emailKey: `${username.toLowerCase()}@example.com`,
  fullName: '',
  fullNameKey: '',
  role: 'member',
  ...said,
})

/** What `project.create` carries. */
export const projectPayload = (name: string, key: string) => ({
  name,
  nameKey: name.toLowerCase(),
  description: '',
  keys: [key],
})

/** What `task.create` carries. */
export const taskPayload = (title: string, said: Record<string, unknown> = {}): CreateTask => ({
  title,
  description: '',
  state: 'backlog',
  priority: 'normal',
  assigneeId: null,
  dueDate: null,
  labels: [],
  parentId: null,
  ...said,
})

/** An id whose commands are decided in that partition. */
export function idIn(partition: number): string {
  for (;;) {
    const id = newId()
    if (partitionOf(id) === partition) return id
  }
}

/** As it was migrated: quicker than another database. */
export async function emptied(sql: Sql): Promise<void> {
  await sql.script(
    `TRUNCATE users, projects, tasks, documents, outcomes, dead_letters;
     UPDATE consumer_progress SET next_offset = 0, epoch = 0, published = 0, decided = 0, served = 0;
     DELETE FROM system WHERE name = 'log'; UPDATE system SET value = '1' WHERE name = 'incarnation';
     ALTER SEQUENCE project_number RESTART`,
  )
}
