import { describe, expect, test } from 'vitest'
import type { Command } from '../../../../platform/commands/command.ts'
import { newId } from '../../../../platform/ids.ts'
import { commandOf, projectPayload, taskPayload, userPayload } from '../../fixture.testing.ts'
import { readProgress } from '../../ownership/progress.ts'
import type { Batch } from '../decide.ts'
import { OUTCOME_BYTES } from '../fold.ts'
import { DESCENDANTS } from '../load.ts'
import type { DeciderBench } from './bench.ts'

/** What a batch costs, and where it ends. */
export function boundsBatches(bench: DeciderBench): void {
  const { decide, outcomes, ownPartition, statements } = bench

  describe('a batch costs a handful of statements, whatever its size', () => {
    test('of one command', async () => {
      await ownPartition()
      statements.splice(0)
      await decide(0, commandOf('user.create', newId(), userPayload('single')))
      expect(statements.length).toBeLessThanOrEqual(10)
    })

    test('of 500 of every kind, the bad ones among them', async () => {
      await ownPartition()
      const [owner, project] = [newId(), newId()]
      const by = { actor: { id: owner, role: 'member' as const } }
      const inProject = { ...by, root: project }
      const tasks = Array.from({ length: 100 }, () => newId())
      await decide(
        0,
        commandOf('user.create', owner, userPayload('many')),
        commandOf('project.create', project, projectPayload('Many', 'MANY'), by),
        ...tasks.map((task) => commandOf('task.create', task, taskPayload('x'), inProject)),
      )
      const kinds: ((n: number) => Command | string)[] = [
        (n) => commandOf('user.create', newId(), userPayload(`many${n}`)),
        () => commandOf('user.remove', newId(), {}),
        (n) => commandOf('user.update', owner, { fullName: `${n}`, fullNameKey: `${n}` }),
        (n) => commandOf('project.create', newId(), projectPayload(`Many${n}`, `M${n}`), by),
        () => commandOf('project.add_member', project, { user: newId(), role: 'member' }, by),
        (n) => commandOf('task.create', newId(), taskPayload('y', { parentId: tasks[n % 100] }), inProject),
        (n) => commandOf('task.update', tasks[n % 100]!, { parentId: tasks[(n * 7) % 100] }, inProject),
        (n) => commandOf('task.remove', tasks[n % 100]!, {}, inProject),
        () => commandOf('document.create', newId(), { data: {} }, { ...by, root: owner }),
        () => 'rubbish',
      ]
      statements.splice(0)
      const batches = await decide(102, ...Array.from({ length: 500 }, (_, n) => kinds[n % kinds.length]!(n)))
      expect(batches).toHaveLength(1)
      expect(statements.length).toBeLessThanOrEqual(30)
      expect(new Set(statements).size).toBe(statements.length)
    })
  })

  describe('a batch ends behind the outcome that fills it', () => {
    /** Somebody, a project and a task of it whose outcomes weigh so much. */
    async function heavyTask(description: string) {
      await ownPartition()
      const [owner, project, task] = [newId(), newId(), newId()]
      const by = { actor: { id: owner, role: 'member' as const } }
      const inProject = { ...by, root: project }
      const name = `heavy${bench.partition}`
      await decide(
        0,
        commandOf('user.create', owner, userPayload(name)),
        commandOf('project.create', project, projectPayload(name, `H${bench.partition}`), by),
        commandOf('task.create', task, taskPayload('heavy', { description }), inProject),
      )
      return (n: number) => commandOf('task.move', task, { state: n % 2 ? 'backlog' : 'todo' }, inProject)
    }
    async function decideAll(first: number, ...commands: Command[]): Promise<Batch[]> {
      const all: Batch[] = []
      for (let left = commands; left.length > 0; left = commands.slice(all.at(-1)!.last + 1 - first)) {
        const batches = await decide(first + commands.length - left.length, ...left)
        expect(batches).toHaveLength(1)
        all.push(...batches)
      }
      return all
    }
    const sum = (sizes: readonly number[]) => sizes.reduce((all, size) => all + size, 0)
    const range = (batches: readonly Batch[]) => batches.flatMap(({ first, last }) => [first, last])

    test('each in one transaction, none judged twice, and the row stands where it ends', async () => {
      const move = await heavyTask('x'.repeat(20_000))
      const [one] = await decide(3, move(0))
      statements.splice(0)
      const batches = await decideAll(4, ...Array.from({ length: 120 }, (_, n) => move(n + 1)))
      const each = Math.ceil(OUTCOME_BYTES / one!.size)
      expect(each).toBeGreaterThan(40)
      expect(range(batches)).toEqual([4, 3 + each, 4 + each, 3 + 2 * each, 4 + 2 * each, 123])
      expect(statements.filter((name) => name === 'save-outcomes')).toHaveLength(3)
      expect(statements.filter((name) => name === 'progress-advance')).toHaveLength(5)
      expect(await outcomes()).toEqual(Array(124).fill(null))
      expect((await readProgress(bench.sql, bench.partition)).next).toBe(124)
    })

    test('so hundreds of small commands about a large task pass, whatever folding makes of its text', async () => {
      const move = await heavyTask('\ufdfa'.repeat(20_000)) // folded, it is eighteen times as long
      const count = bench.onServer ? 500 : 100 // embedded, it takes long
      const moves = Array.from({ length: count }, (_, n) => move(n))
      const batches = await decideAll(3, ...moves)
      expect(sum(batches.map(({ decided }) => decided.length))).toBe(count)
      expect(Math.max(...batches.map(({ size }) => size))).toBeLessThan(2 * OUTCOME_BYTES)
      expect(sum(batches.map(({ size }) => size)) / count).toBeLessThan(100_000)
      expect((await outcomes()).slice(3)).toEqual(Array(count).fill(null))
    }, 60_000)
  })

  describe('a tree of tasks', () => {
    const [owner, project] = [newId(), newId()]
    const by = { actor: { id: owner, role: 'member' as const } }
    const inProject = { ...by, root: project }
    /** A task as Postgres has it. */
    const plant = (id: string, parentId: string | null, number: number) => ({
      ...{ id, version: 1, projectId: project, number, code: `T-${number}`, ...taskPayload('x'), parentId },
      ...{ createdBy: owner, search: '', priorityKey: '2', dueKey: '~', createdAt: '', updatedAt: '' },
    })

    test('is loaded below several tasks at once, as far as the bound, and no further', async () => {
      await ownPartition()
      await decide(
        0,
        commandOf('user.create', owner, userPayload('tamara')),
        commandOf('project.create', project, projectPayload('Tree', 'TREE'), by),
      )
      const [large, small, leaf, parent] = [newId(), newId(), newId(), newId()]
      const planted = [
        ...[large, small, leaf, parent].map((id, n) => plant(id, null, n + 1)),
        plant(newId(), small, 5),
        ...Array.from({ length: DESCENDANTS + 5 }, (_, n) => plant(newId(), large, 6 + n)),
      ]
      await bench.sql.query(
        'INSERT INTO tasks (id, version, data) SELECT id, 1, data FROM unnest($1::uuid[], $2::jsonb[]) AS t(id, data)',
        [planted.map(({ id }) => id), planted],
      )
      await decide(
        2,
        commandOf('task.update', large, { parentId: parent }, inProject),
        commandOf('task.update', small, { parentId: parent }, inProject),
        commandOf('task.remove', small, {}, inProject),
        commandOf('task.remove', leaf, {}, inProject),
      )
      expect((await outcomes()).slice(2)).toEqual(['task.too_large', null, 'task.has_subtasks', null])
    })
  })
}
