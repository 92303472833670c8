import { describe, expect, test } from 'vitest'
import { contracts } from '../../../services/catalog.ts'
import type { Project } from '../../../services/projects/schema.ts'
import type { Task } from '../../../services/tasks/schema.ts'
import { state } from '../../../services/tasks/schema.ts'
import { countTasks, states } from './count.ts'
import { tableOf } from './table.ts'

const apollo = contracts.projects.create.example.output as Project
const engine = contracts.tasks.create.example.output as Task
const task = (fields: Partial<Task>): Task => ({ ...engine, projectId: apollo.id, ...fields })
const nameOf = (id: string) => (id === 'o' ? 'olga' : 'ivan')
const count = (tasks: Task[]) => countTasks(apollo, tasks, nameOf, '2026-06-15')

describe('countTasks', () => {
  test('knows every state', () => expect(states).toEqual(state.options))

  test('counts by state and assignee, the busiest first, nobody last', () => {
    const report = count([
      task({ state: 'done' }),
      task({ state: 'todo', assigneeId: 'i' }),
      task({ state: 'todo', assigneeId: 'o' }),
      task({ state: 'done', assigneeId: 'o' }),
    ])
    expect(report).toMatchObject({ total: 4, states: { todo: 2, done: 2, backlog: 0 } })
    expect(report.assignees.map(({ assignee, total }) => [assignee, total])).toEqual([
      ['olga', 2],
      ['ivan', 1],
      [null, 1],
    ])
  })

  test.each<[string, Partial<Task>, number]>([
    ['what was due yesterday', { dueDate: '2026-06-14' }, 1],
    ['what is due today', { dueDate: '2026-06-15' }, 0],
    ['what is due some time', { dueDate: null }, 0],
    ['what was done', { dueDate: '2026-06-14', state: 'done' }, 0],
    ['what was cancelled', { dueDate: '2026-06-14', state: 'cancelled' }, 0],
  ])('%s', (_, fields, overdue) => expect(count([task(fields)]).overdue).toBe(overdue))

  test.each<[string, Partial<Task>]>([
    ['of another project', { projectId: 'other' }],
    ['in a state that there is not', { state: 'lost' as never }],
  ])('does not take a task %s', (_, fields) => {
    expect(() => count([task(fields)])).toThrow(expect.objectContaining({ name: 'WrongAnswer' }))
  })
})

describe('tableOf', () => {
  test('aligns its columns', () => {
    const lines = tableOf(count([task({}), task({ assigneeId: 'o', dueDate: '2020-01-01' })])).split('\n')
    expect(lines[0]).toBe('Apollo (APOLLO): 2 tasks, 1 overdue')
    expect(new Set(lines.slice(2).map((line) => line.length)).size).toBe(1)
  })

  test('is one line for a project without tasks', () => {
    expect(tableOf(countTasks({ ...apollo, archived: true }, [], nameOf, '2026-06-15'))).toBe(
      'Apollo (APOLLO, archived): 0 tasks, 0 overdue',
    )
  })
})
