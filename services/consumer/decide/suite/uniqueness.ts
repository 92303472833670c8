import { expect, test } from 'vitest'
import { newId } from '../../../../platform/ids.ts'
import { commandOf, projectPayload, taskPayload, userPayload } from '../../fixture.testing.ts'
import type { DeciderBench } from './bench.ts'

/** Names, keys and numbers are given once. */
export function keepsUnique(bench: DeciderBench): void {
  const { decide, outcomes, ownPartition, user } = bench

  test('a name that is given up and taken in one batch is free for the one who takes it', async () => {
    await ownPartition()
    const [a, b] = [newId(), newId()]
    await decide(0, commandOf('user.create', a, userPayload('dora')), commandOf('user.create', b, userPayload('emil')))
    const name = (username: string) => ({ username, usernameKey: username })
    await decide(
      2,
      commandOf('user.update', a, name('dora-old')),
      commandOf('user.update', b, name('dora')),
      commandOf('user.update', a, name('emil')),
    )
    expect(await outcomes()).toEqual([null, null, null, null, null])
    expect((await user(a))?.username).toBe('emil')
    expect((await user(b))?.username).toBe('dora')
  })

  test('a unique value is judged as the commands before it in the batch have left it', async () => {
    await ownPartition()
    const [a, b, c] = [newId(), newId(), newId()]
    const email = (id: string) => ({ email: `${id}@x.org`, emailKey: `${id}@x.org` })
    await decide(
      0,
      commandOf('user.create', a, userPayload('oleg', email(a))),
      commandOf('user.create', b, userPayload('oleg', email(b))), // taken by a
      commandOf('user.remove', a, {}),
      commandOf('user.create', b, userPayload('oleg', email(b))), // free: a is gone
      commandOf('user.create', c, userPayload('oleg', email(c))), // taken by b
      commandOf('user.update', b, { username: 'oleg2', usernameKey: 'oleg2' }),
      commandOf('user.create', c, userPayload('oleg', email(c))), // free: b has another
      commandOf('user.update', b, { username: 'oleg', usernameKey: 'oleg' }), // taken by c
    )
    const taken = 'user.username_taken'
    expect(await outcomes()).toEqual([null, taken, null, null, taken, null, null, taken])
  })

  test('a project is found by its name and by its key, and neither is given twice', async () => {
    await ownPartition()
    const owner = newId()
    const by = { actor: { id: owner, role: 'member' as const } }
    await decide(
      0,
      commandOf('user.create', owner, userPayload('pavel')),
      commandOf('project.create', newId(), projectPayload('Apollo', 'GEM'), by),
      commandOf('project.create', newId(), projectPayload('gem', 'AA'), by), // its name is another's key
      commandOf('project.create', newId(), projectPayload('Other', 'APOLLO'), by), // its key is another's name
      commandOf('project.create', newId(), { ...projectPayload('Third', 'GEM'), keys: ['GEM', 'GEM2'] }, by),
    )
    expect(await outcomes()).toEqual([null, null, 'project.name_taken', 'project.key_taken', null])
    const numbers = await bench.sql.query<{ number: number; key: string }>(
      `SELECT number, data->>'key' AS key FROM projects WHERE name_key IN ('apollo', 'third') ORDER BY number`,
    )
    expect(numbers.map(({ key }) => key)).toEqual(['GEM', 'GEM2'])
  })

  test('the number of tasks goes on where it was, through batches, refusals and removals', async () => {
    await ownPartition()
    const [owner, project] = [newId(), newId()]
    const by = { actor: { id: owner, role: 'member' as const } }
    const task = (said = {}) => commandOf('task.create', newId(), taskPayload('x', said), { ...by, root: project })
    const gone = task()
    await decide(
      0,
      commandOf('user.create', owner, userPayload('rosa')),
      commandOf('project.create', project, projectPayload('Codes', 'CODE'), by),
      gone,
      task({ parentId: newId() }), // refused
      commandOf('task.remove', gone.entity, {}, { ...by, root: project }),
      task(),
    )
    await decide(6, task(), task())
    const codes = await bench.sql.query<{ code: string }>(
      `SELECT data->>'code' AS code FROM tasks WHERE project_id = $1 ORDER BY number`,
      [project],
    )
    expect(codes.map(({ code }) => code)).toEqual(['CODE-1', 'CODE-2', 'CODE-3', 'CODE-4'])
    const [row] = await bench.sql.query('SELECT version, task_counter FROM projects WHERE id = $1', [project])
    expect(row).toEqual({ version: 1, task_counter: 4 })
  })
}
