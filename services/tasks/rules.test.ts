import { describe, expect, test } from 'vitest'
import type { Command, Event } from '../../platform/commands/command.ts'
import { commandOf, type Given, worldOf } from '../../platform/commands/world.testing.ts'
import { taskPayload } from '../consumer/fixture.testing.ts'
import { apollo, gemini, member, users } from '../projects/apollo.testing.ts'
import { engine } from './engine.testing.ts'
import { rules } from './rules.ts'
import type { CreateTask, StoredTask } from './schema.ts'

const now = '2026-01-01T10:00:00.000Z'
const archived = { ...apollo, archived: true }
const removed = { ...apollo, deleted: true }

const given = (task: StoredTask = engine, project = apollo): Given => ({
  entities: { user: users, project: [project, gemini], task: [task] },
  counters: { p1: 41 },
})

function decide(command: Command, world: Given = given()) {
  const decision = rules.decide(command, worldOf(world))
  return 'rejection' in decision ? decision.rejection.code : decision.events
}

const says = (type: string, actor: string, payload: object = {}, said: Partial<Command> = {}) =>
  commandOf(type, 't1', payload, { root: 'p1', actor: { id: actor, role: 'member' }, ...said })

/** What an event says became of the engine. */
const became = (type: string, changed: Partial<StoredTask>) => [
  { type, schema: 1, kind: 'task', id: 't1', version: 4, data: { ...engine, version: 4, updatedAt: now, ...changed } },
]

describe('task.create', () => {
  const nozzle: CreateTask = {
    title: 'Nozzle Ё',
    description: 'İt',
    state: 'backlog',
    priority: 'urgent',
    assigneeId: 'vera',
    dueDate: '2026-02-01',
    labels: ['hot'],
    parentId: 't1',
  }
  const create = (payload: Partial<CreateTask> = {}, actor = 'mia') =>
    commandOf('task.create', 'new', { ...nozzle, ...payload }, { root: 'p1', actor: { id: actor, role: 'member' } })

  test('makes a task with the next number of its project', () => {
    const data = {
      id: 'new',
      version: 1,
      projectId: 'p1',
      number: 42,
      code: 'APOLLO-42',
      ...nozzle,
      createdBy: 'mia',
      search: 'nozzle ё\ni̇t',
      priorityKey: '4',
      dueKey: '2026-02-01',
      createdAt: now,
      updatedAt: now,
    }
    expect(decide(create())).toEqual([{ type: 'task.created', schema: 1, kind: 'task', id: 'new', version: 1, data }])
  })

  test('is searched as far as is sensible, should folding make its text much longer', () => {
    const search = (description: string) => {
      const [event] = decide(create({ description })) as Event<StoredTask>[]
      return event!.data.search
    }
    expect(search('Ё'.repeat(20_000))).toBe(`nozzle ё\n${'ё'.repeat(20_000)}`)
    expect(search('\ufdfa'.repeat(20_000)).length).toBeLessThan(40_000)
  })

  test('sorts what has no date after all dates', () => {
    expect(decide(create({ dueDate: null, priority: 'low' }))).toMatchObject([
      { data: { dueKey: '~', priorityKey: '1' } },
    ])
  })

  test('is refused an assignee who is no member, or was removed', () => {
    expect(decide(create({ assigneeId: 'ivan' }))).toBe('task.assignee_not_member')
    expect(decide(create({ assigneeId: 'ada' }))).toBe('task.assignee_not_member')
    const haunted = { ...apollo, members: [...apollo.members, member('gone', 'member')] }
    expect(decide(create({ assigneeId: 'gone' }), given(engine, haunted))).toBe('task.assignee_not_member')
  })

  test('is refused a parent that is not there, was removed, or is in another project', () => {
    expect(decide(create({ parentId: 't9' }))).toBe('task.parent_not_found')
    expect(decide(create(), given({ ...engine, deleted: true }))).toBe('task.parent_not_found')
    expect(decide(create(), given({ ...engine, projectId: 'p2' }))).toBe('task.parent_not_found')
  })

  test('loads the project, the assignee and what is above', () => {
    expect(rules.needs(create())).toEqual({ load: { project: ['p1'] }, users: ['vera'], ancestors: ['t1'] })
    expect(rules.needs(create({ assigneeId: null, parentId: null }))).toMatchObject({ users: [], ancestors: [] })
  })
})

describe('task.update', () => {
  const update = (payload: object) => says('task.update', 'mia', payload)

  test('changes what was sent, what is made of it, and nothing else', () => {
    expect(decide(update({ title: 'ENGINE' }))).toEqual(became('task.updated', { title: 'ENGINE' }))
    expect(decide(update({ description: 'Ёлка' }))).toEqual(
      became('task.updated', { description: 'Ёлка', search: 'engine\nёлка' }),
    )
    expect(decide(update({ priority: 'high', dueDate: '2026-02-01' }))).toEqual(
      became('task.updated', { priority: 'high', priorityKey: '3', dueDate: '2026-02-01', dueKey: '2026-02-01' }),
    )
    expect(decide(update({ labels: ['b', 'a'] }))).toEqual(became('task.updated', { labels: ['b', 'a'] }))
  })

  test('makes nothing of what already is', () => {
    const as = { title: 'Engine', labels: [], dueDate: null, parentId: null, priority: 'normal', description: '' }
    expect(decide(update(as))).toEqual([])
    expect(decide(update({}))).toEqual([])
  })

  test('takes a parent away', () => {
    expect(decide(update({ parentId: null }), given({ ...engine, parentId: 't0' }))).toEqual(
      became('task.updated', { parentId: null }),
    )
  })

  test('loads what is above a new parent and below the task', () => {
    expect(rules.needs(update({ parentId: 't2' }))).toEqual({
      load: { project: ['p1'] },
      ancestors: ['t2'],
      descendants: ['t1'],
    })
    expect(rules.needs(update({ title: 'x', parentId: null }))).toEqual({ load: { project: ['p1'] } })
  })
})

describe('task.move', () => {
  test('moves to a state that is allowed', () => {
    expect(decide(says('task.move', 'mia', { state: 'in_progress' }))).toEqual(
      became('task.moved', { state: 'in_progress' }),
    )
  })

  test('is refused any other, and names the allowed ones', () => {
    expect(rules.decide(says('task.move', 'mia', { state: 'done' }), worldOf(given()))).toEqual({
      rejection: {
        code: 'task.illegal_move',
        extra: { from: 'todo', allowed: ['in_progress', 'backlog', 'cancelled'] },
      },
    })
    expect(decide(says('task.move', 'mia', { state: 'todo' }))).toBe('task.illegal_move')
  })
})

describe('task.assign', () => {
  const assign = (assigneeId: string | null) => says('task.assign', 'mia', { assigneeId })

  test('assigns to a member, or to nobody', () => {
    expect(decide(assign('vera'))).toEqual(became('task.assigned', { assigneeId: 'vera' }))
    expect(decide(assign(null), given({ ...engine, assigneeId: 'vera' }))).toEqual(
      became('task.assigned', { assigneeId: null }),
    )
  })

  test('is refused others', () => {
    expect(decide(assign('ivan'))).toBe('task.assignee_not_member')
    expect(decide(assign('nobody'))).toBe('task.assignee_not_member')
  })

  test('makes nothing of what already is, be it a member still or not', () => {
    expect(decide(assign(null))).toEqual([])
    expect(decide(assign('ivan'), given({ ...engine, assigneeId: 'ivan' }))).toEqual([])
  })

  test('locks the assignee', () => {
    expect(rules.needs(assign('vera'))).toEqual({ load: { project: ['p1'] }, users: ['vera'] })
  })
})

describe('task.remove', () => {
  test('leaves a tombstone', () => {
    expect(decide(says('task.remove', 'mia'))).toEqual(became('task.removed', { deleted: true }))
  })

  test('takes whatever is left of a removed project, for the system alone', () => {
    const child = { ...engine, id: 't2', parentId: 't1' }
    const world = { entities: { project: [removed], user: users, task: [engine, child] } }
    expect(decide(commandOf('task.remove', 't1', {}, { root: 'p1' }), world)).toHaveLength(1)
    expect(decide(says('task.remove', 'oleg'), world)).toBe('project.not_found')
    expect(decide(says('task.remove', 'ada'), world)).toBe('project.not_found')
    const gone = { entities: { ...world.entities, task: [{ ...engine, deleted: true }] } }
    expect(decide(commandOf('task.remove', 't1', {}, { root: 'p1' }), gone)).toBe('task.not_found')
  })

  test('loads what is below', () => {
    expect(rules.needs(says('task.remove', 'mia'))).toEqual({ load: { project: ['p1'] }, descendants: ['t1'] })
  })
})

describe('whoever asks', () => {
  const commands = {
    'task.create': taskPayload('x'),
    'task.update': { title: 'x' },
    'task.move': { state: 'cancelled' },
    'task.assign': { assigneeId: 'mia' },
    'task.remove': {},
  }
  const others = Object.entries(commands).slice(1)

  test.each(Object.entries(commands))('%s is decided by the role that the log knows', (type, payload) => {
    const hidden = type === 'task.create' ? 'project.not_found' : 'task.not_found'
    for (const actor of ['oleg', 'max', 'mia', 'ada']) expect(decide(says(type, actor, payload))).toHaveLength(1)
    expect(decide(says(type, 'vera', payload))).toBe('access.forbidden')
    expect(decide(says(type, 'ivan', payload))).toBe(hidden)
    expect(decide(says(type, 'ivan', payload, { actor: { id: 'ivan', role: 'admin' } }))).toBe(hidden)
    expect(decide(says(type, 'gone', payload))).toBe('access.forbidden')
  })

  test.each(Object.entries(commands))('%s is refused in an archived and in a removed project', (type, payload) => {
    expect(decide(says(type, 'oleg', payload), given(engine, archived))).toBe('project.archived')
    expect(decide(says(type, 'oleg', payload), given(engine, removed))).toBe('project.not_found')
    expect(decide(says(type, 'oleg', payload, { root: 'p9' }))).toBe('project.not_found')
  })

  test.each(others)('%s finds no task that was removed, and none of another project', (type, payload) => {
    expect(decide(says(type, 'oleg', payload), given({ ...engine, deleted: true }))).toBe('task.not_found')
    expect(decide(says(type, 'oleg', payload), given({ ...engine, projectId: 'p2' }))).toBe('task.not_found')
    expect(decide(says(type, 'oleg', payload), given({ ...engine, id: 't9' }))).toBe('task.not_found')
  })
})

test('an unknown command is nobody’s', () => {
  const unknown = commandOf('task.praise', 't1', {})
  expect(() => rules.needs(unknown)).toThrow('no such command')
  expect(() => rules.decide(unknown, worldOf())).toThrow('no such command')
})
