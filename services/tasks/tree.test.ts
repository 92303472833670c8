import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { commandOf, worldOf } from '../../platform/commands/world.testing.ts'
import { taskPayload } from '../consumer/fixture.testing.ts'
import { apollo, users } from '../projects/apollo.testing.ts'
import { below } from './engine.testing.ts'
import { rules } from './rules.ts'
import type { StoredTask } from './schema.ts'
import { MAX_DEPTH } from './tree.ts'

const said = { root: 'p1', actor: { id: 'mia', role: 'member' } } as const

/** The tasks afterwards, or the code of the rejection. */
function decide(type: string, id: string, payload: object, task: StoredTask[], truncated: string[] = []) {
  const world = worldOf({ entities: { user: users, project: [apollo], task }, truncated })
  const decision = rules.decide(commandOf(type, id, payload, said), world)
  if ('rejection' in decision) return decision.rejection.code
  const [event] = decision.events
  return event ? [...task.filter((one) => one.id !== id), event.data as StoredTask] : task
}
const put = (id: string, parentId: string | null, tasks: StoredTask[], truncated?: string[]) =>
  decide('task.update', id, { parentId }, tasks, truncated)
const make = (id: string, parentId: string | null, tasks: StoredTask[]) =>
  decide('task.create', id, taskPayload('x', { parentId }), tasks)

/** a1 above a2 above a3 … */
const chain = (name: string, length: number): StoredTask[] =>
  Array.from({ length }, (_, nth) => below(nth === 0 ? null : `${name}${nth}`, `${name}${nth + 1}`))

describe('a parent', () => {
  test('may be any task of the project that is not below', () => {
    expect(put('b1', 'a2', [...chain('a', 2), ...chain('b', 2)])).toContainEqual(
      expect.objectContaining({ id: 'b1', parentId: 'a2' }),
    )
  })

  test('is neither the task itself nor below it', () => {
    const tasks = chain('a', 4)
    expect(put('a1', 'a1', tasks)).toBe('task.parent_cycle')
    expect(put('a1', 'a2', tasks)).toBe('task.parent_cycle')
    expect(put('a1', 'a4', tasks)).toBe('task.parent_cycle')
    expect(put('a2', 'a4', tasks)).toBe('task.parent_cycle')
    expect(put('a4', 'a1', tasks)).toBeInstanceOf(Array)
  })

  test(`has at most ${MAX_DEPTH - 1} tasks above and below together`, () => {
    expect(make('new', 'a4', chain('a', 4))).toBeInstanceOf(Array)
    expect(make('new', 'a5', chain('a', 5))).toBe('task.too_deep')
    expect(put('b1', 'a3', [...chain('a', 3), ...chain('b', 2)])).toBeInstanceOf(Array)
    expect(put('b1', 'a3', [...chain('a', 3), ...chain('b', 3)])).toBe('task.too_deep')
    expect(put('b1', 'a4', [...chain('a', 4), ...chain('b', 2)])).toBe('task.too_deep')
  })

  test('does not count what was removed below', () => {
    const removed = chain('b', 3).map((task, nth) => ({ ...task, deleted: nth > 0 }))
    expect(put('b1', 'a4', [...chain('a', 4), ...removed])).toBeInstanceOf(Array)
  })

  test('is refused to a task with more below it than is looked at', () => {
    expect(put('b1', 'a1', [...chain('a', 1), ...chain('b', 1)], ['task:b1'])).toBe('task.too_large')
  })
})

describe('removing', () => {
  const remove = (id: string, tasks: StoredTask[], truncated?: string[]) =>
    decide('task.remove', id, {}, tasks, truncated)

  test('is refused while there are tasks below', () => {
    expect(remove('a1', chain('a', 2))).toBe('task.has_subtasks')
    expect(remove('a2', chain('a', 2))).toContainEqual(expect.objectContaining({ id: 'a2', deleted: true }))
    expect(remove('a1', [below(null, 'a1'), below('a1', 'a2', { deleted: true })])).toBeInstanceOf(Array)
    expect(remove('a1', chain('a', 1), ['task:a1'])).toBe('task.has_subtasks')
  })
})

test('whatever is put where, every living task stands at most five deep below a living one without a parent', () => {
  const id = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h')
  const act = fc.record({
    type: fc.constantFrom('task.create', 'task.update', 'task.update', 'task.remove'),
    id,
    parentId: fc.option(id, { freq: 5 }),
  })
  fc.assert(
    fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
      let tasks: StoredTask[] = []
      for (const { type, id, parentId } of acts) {
        if (type === 'task.create' && tasks.some((task) => task.id === id)) continue // ids are never used twice
        const payload = type === 'task.create' ? taskPayload('x', { parentId }) : { parentId }
        const after = decide(type, id, payload, tasks)
        if (typeof after !== 'string') tasks = after
      }
      const living = new Map(tasks.filter(({ deleted }) => !deleted).map((task) => [task.id, task]))
      for (const task of living.values()) {
        let depth = 1
        for (let at = task; at.parentId !== null && depth <= MAX_DEPTH; depth++) {
          const parent = living.get(at.parentId)
          if (!parent) throw new Error(`${at.id} is below ${at.parentId}, which is not there`)
          at = parent
        }
        expect(depth).toBeLessThanOrEqual(MAX_DEPTH)
      }
    }),
    { numRuns: 300 },
  )
})
