import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createSimulatedClock } from '../../../platform/commands/clock.testing.ts'
import type { Command } from '../../../platform/commands/command.ts'
import { newId } from '../../../platform/ids.ts'
import type { Sql } from '../../../platform/sql/port.ts'
import { createDecider } from '../decide/decide.ts'
import { entities } from '../entities.ts'
import { commandOf, idIn, projectPayload, taskPayload, testDatabase, userPayload } from '../fixture.testing.ts'
import { takeOver } from '../ownership/progress.ts'
import { hurriedClock } from '../testing/process.testing.ts'
import { openStage, type Stage } from '../testing/world.testing.ts'
import { purge } from './purge.ts'

const [P, Q] = [1, 2]

describe('the tasks of removed projects', () => {
  let database: { sql: Sql; drop(): Promise<void> }
  let stage: Stage
  let owner: string

  beforeAll(async () => {
    database = await testDatabase()
  })
  beforeEach(async () => {
    stage = await openStage(database.sql)
    owner = idIn(P)
    await stage.send(commandOf('user.create', owner, userPayload('owner')))
    await decideAll(P)
  })
  afterEach(() => stage.close())
  afterAll(() => database.drop())

  /** Resolves to how many there were. */
  async function decideAll(partition: number): Promise<number> {
    const { next, epoch } = await takeOver(stage.sql, partition, Date.now())
    const records = await stage.read(partition, next, 500)
    if (records.length > 0) await createDecider(stage.sql, entities, 1).decide(partition, epoch, records)
    return records.length
  }

  async function removedProject(partition: number, tasks: number, key: string): Promise<string> {
    const project = idIn(partition)
    const by = { actor: { id: owner, role: 'member' as const } }
    const task = () => commandOf('task.create', newId(), taskPayload('x'), { ...by, root: project })
    await stage.send(
      commandOf('project.create', project, projectPayload(key, key), by),
      ...Array.from({ length: tasks }, task),
      commandOf('project.remove', project, {}, by),
    )
    await decideAll(partition)
    return project
  }

  const living = async (project: string) => {
    const [row] = await stage.sql.query<{ n: number }>(
      'SELECT count(*)::int AS n FROM tasks WHERE project_id = $1 AND NOT deleted',
      [project],
    )
    return row!.n
  }
  const removals = async (partition: number) => {
    const records = await stage.read(partition, 0, 5000)
    return records.map(({ value }) => JSON.parse(value) as Command).filter(({ hash }) => hash === 'purge')
  }
  const sweep = (owned: number[], signal = new AbortController().signal, clock = hurriedClock) =>
    purge({ ...stage, clock, owned: () => owned }, signal)

  test('are removed, chunk by chunk, each once the one before is decided', async () => {
    const project = await removedProject(P, 450, 'AA')
    const sizes: number[] = []
    const swept = sweep([P], undefined, { ...hurriedClock, monotonic: () => 0 }) // its patience with a chunk has no end
    let done = false
    void swept.then(() => {
      done = true
    })
    while (!done) {
      const decided = await decideAll(P)
      if (decided > 0) sizes.push(decided)
      await new Promise((resolve) => void setTimeout(resolve, 1))
    }
    expect(sizes).toEqual([200, 200, 50])
    expect(await living(project)).toBe(0)
    const rows = await stage.sql.query('SELECT 1 FROM outcomes WHERE rejection IS NOT NULL')
    expect(rows).toEqual([])
  }, 40_000)

  test('of others’ partitions are left to them, however many there are', async () => {
    const [theirs, own] = [await removedProject(Q, 210, 'AA'), await removedProject(P, 3, 'BB')]
    const swept = sweep([P])
    await expect.poll(() => decideAll(P).then(() => living(own))).toBe(0)
    await swept
    expect(await removals(Q)).toEqual([])
    expect(await living(theirs)).toBe(210)
  }, 40_000)

  test('are not sent again and again while nothing is decided', async () => {
    await removedProject(P, 250, 'AA')
    const clock = createSimulatedClock()
    const swept = sweep([P], undefined, clock)
    await expect.poll(async () => (await removals(P)).length).toBe(200)
    await expect
      .poll(
        async () => {
          await clock.pass(5000)
          return Promise.race([swept.then(() => 'over'), stage.sql.query('SELECT 1').then(() => 'waiting')])
        },
        { timeout: 15_000, interval: 1 },
      )
      .toBe('over')
    expect(await removals(P)).toHaveLength(200)
  }, 40_000)

  test('that nothing can remove are tried once a round, and not for ever', async () => {
    const project = await removedProject(P, 2, 'AA')
    const rows = await stage.sql.query<{ id: string }>('SELECT id FROM tasks WHERE project_id = $1', [project])
    const swept = sweep([P])
    await expect.poll(() => decideAll(P).then(() => living(project))).toBe(0)
    await swept
    // As if they were there again: what removes them has been decided, and is only repeated.
    await stage.sql.query(`UPDATE tasks SET data = data - 'deleted' WHERE id = ANY($1::uuid[])`, [
      rows.map(({ id }) => id),
    ])
    const again = sweep([P])
    await expect.poll(() => decideAll(P).then(() => removals(P))).toHaveLength(4)
    await again
    expect(await removals(P)).toHaveLength(4)
    expect(await living(project)).toBe(2)
  })

  test('are left alone once it is told to stop', async () => {
    await removedProject(P, 3, 'AA')
    const stop = new AbortController()
    const swept = sweep([P], stop.signal)
    await expect.poll(async () => (await removals(P)).length).toBe(3)
    stop.abort()
    await swept
    await sweep([P], stop.signal)
    expect(await removals(P)).toHaveLength(3)
  })
})
