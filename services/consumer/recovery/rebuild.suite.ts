import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Command } from '../../../platform/commands/command.ts'
import { newId } from '../../../platform/ids.ts'
import { partitionOf } from '../../../platform/log/partition.ts'
import { type Log, PARTITIONS } from '../../../platform/log/port.ts'
import type { Sql } from '../../../platform/sql/mod.ts'
import { createDecider } from '../decide/decide.ts'
import { entities } from '../entities.ts'
import { commandOf, userPayload } from '../fixture.testing.ts'
import { publish } from '../following/publish.ts'
import { takeOver } from '../ownership/progress.ts'
import { rebuild } from './rebuild.ts'

type Database = { sql: Sql; drop(): Promise<void> }

/** What a rebuild promises: everything that was told is as it was told. */
export function rebuildSuite(name: string, openLog: () => Promise<Log>, database: () => Promise<Database>): void {
  describe(`rebuild (${name})`, () => {
    let log: Log
    let before: Database
    let after: Database
    const admin = newId()
    const project = newId()

    beforeAll(async () => {
      log = await openLog()
      before = await database()
      after = await database()
      await decideAll(before.sql, history())
      await rebuild({ log, sql: after.sql, definitions: entities, onProgress: () => {} })
    }, 180_000)
    afterAll(async () => {
      await log.close()
      await before.drop()
      await after.drop()
    })

    /** Names that change hands across partitions, a project with tasks, refusals, a repeat. */
    function history(): Command[] {
      const [a, b] = [newId(), newId()]
      const by = { actor: { id: admin, role: 'admin' as const } }
      const name = (username: string) => ({ username, usernameKey: username })
      const task = {
        description: '',
        state: 'backlog',
        priority: 'normal',
        assigneeId: null,
        dueDate: null,
        labels: [],
      }
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
        commandOf('project.create', project, { name: 'P', nameKey: 'p', description: '', keys: ['PP'] }, by),
        ...['one', 'two', 'three'].map((title) =>
          commandOf('task.create', newId(), { ...task, title, parentId: null }, { ...by, root: project }),
        ),
        commandOf('project.update', project, { description: 'later' }, by),
        commandOf('user.remove', a, {}),
      ].map((command) => ({ ...command, at: new Date().toISOString() })) // outcomes of long ago are not kept
    }

    /** Decides one command at a time, so that the order across partitions is the order of the list. */
    async function decideAll(sql: Sql, commands: readonly Command[]): Promise<void> {
      const decider = createDecider(sql, entities, 1)
      const epochs = await Promise.all(
        Array.from({ length: PARTITIONS }, async (_, p) => (await takeOver(sql, p, Date.now())).epoch),
      )
      for (const command of commands) {
        const partition = partitionOf(command.root)
        const [offset] = await log.append('commands', [
          { partition, key: command.root, value: JSON.stringify(command) },
        ])
        const records = await log.read('commands', partition, offset!, 1)
        for (const batch of await decider.decide(partition, epochs[partition]!, records)) await publish(log, batch)
      }
    }

    const rows = (sql: Sql, statement: string) => sql.query(statement)

    test.each([
      ['users', 'SELECT id, version, data FROM users ORDER BY id'],
      ['projects and their counters', 'SELECT id, version, data, task_counter FROM projects ORDER BY id'],
      ['tasks', 'SELECT id, version, data FROM tasks ORDER BY id'],
      ['progress', 'SELECT partition, next_offset FROM consumer_progress ORDER BY partition'],
      [
        'outcomes',
        'SELECT partition, position, command_id, first, rejection, record FROM outcomes ORDER BY partition, position',
      ],
    ])('%s are as they were', async (_, statement) => {
      const expected = await rows(before.sql, statement)
      expect(expected.length).toBeGreaterThan(0)
      expect(await rows(after.sql, statement)).toEqual(expected)
    })

    test('numbers go on where they were', async () => {
      const [row] = await after.sql.query<{ n: number }>(`SELECT nextval('project_number') AS n`)
      const [last] = await before.sql.query<{ n: number }>('SELECT max(number) AS n FROM projects')
      expect(row!.n).toBe(last!.n + 1)
    })

    test('what an owner of the lost database still appends behind the mark is void', async () => {
      const third = await database()
      const partition = partitionOf(admin)
      const [told] = await log.read('events', partition, 0, 1)
      const forged = { ...JSON.parse(told!.value), offset: 1_000, incarnation: 1 }
      await log.append('events', [{ partition, key: 'late', value: JSON.stringify(forged) }])
      await rebuild({ log, sql: third.sql, definitions: entities, onProgress: () => {} })
      const statement = 'SELECT partition, next_offset FROM consumer_progress ORDER BY partition'
      expect(await third.sql.query(statement)).toEqual(await before.sql.query(statement))
      const [incarnation] = await third.sql.query(`SELECT value FROM system WHERE name = 'incarnation'`)
      expect(incarnation?.value).toBe(3)
      await third.drop()
    }, 60_000)
  })
}
