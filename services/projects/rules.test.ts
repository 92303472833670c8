import { describe, expect, test } from 'vitest'
import type { Command } from '../../platform/commands/command.ts'
import { commandOf, type Given, worldOf } from '../../platform/commands/world.testing.ts'
import { apollo, gemini, member, users } from './apollo.testing.ts'
import { rules } from './rules.ts'
import type { CreateProject, StoredProject } from './schema.ts'

const now = '2026-01-01T10:00:00.000Z'
const archived = { ...apollo, archived: true }
const removed = { ...apollo, deleted: true }

/** The world with this in Apollo's place. */
const given = (project: StoredProject = apollo, ...more: StoredProject[]): Given => ({
  entities: { user: users, project: [project, ...more] },
  holders: {
    handle: Object.fromEntries([project, ...more].flatMap((one) => [one.nameKey, one.keyKey].map((key) => [key, one]))),
  },
  drawn: 7,
})

function decide(command: Command, world: Given = given()) {
  const decision = rules.decide(command, worldOf(world))
  return 'rejection' in decision ? decision.rejection.code : decision.events
}

const by = (id: string): Partial<Command> => ({ actor: { id, role: 'member' } })
const says = (type: string, actor: string, payload: object = {}) => commandOf(type, 'p1', payload, by(actor))

/** What an event says became of Apollo. */
const became = (type: string, changed: Partial<StoredProject>) => [
  {
    type,
    schema: 1,
    kind: 'project',
    id: 'p1',
    version: 4,
    data: { ...apollo, version: 4, updatedAt: now, ...changed },
  },
]

describe('project.create', () => {
  const luna: CreateProject = { name: 'Luna', nameKey: 'luna', description: 'Moon', keys: ['LUNA', 'LUNA2'] }
  const create = (payload: Partial<CreateProject> = {}, actor = 'ivan') =>
    commandOf('project.create', 'new', { ...luna, ...payload }, by(actor))

  test('makes a project that its maker owns, with a number that was drawn', () => {
    const data = {
      id: 'new',
      version: 1,
      number: 7,
      key: 'LUNA',
      name: 'Luna',
      description: 'Moon',
      archived: false,
      members: [member('ivan', 'owner')],
      nameKey: 'luna',
      keyKey: 'luna',
      createdAt: now,
      updatedAt: now,
    }
    expect(decide(create())).toEqual([
      { type: 'project.created', schema: 1, kind: 'project', id: 'new', version: 1, data },
    ])
  })

  test('locks the name and every key that it may get, in one namespace, and draws a number', () => {
    expect(rules.needs(create())).toEqual({
      unique: { handle: ['luna', 'luna', 'luna2'] },
      draw: 'project_number',
      locks: [{ name: 'ownership', exclusive: false }],
    })
  })

  test('takes the next key where another project has the first, as its key or as its name', () => {
    expect(decide(create({ keys: ['APOLLO', 'APOLLO2'] }))).toMatchObject([{ data: { key: 'APOLLO2' } }])
    expect(decide(create({ keys: ['GEMINI', 'GEMINI2'] }), given(apollo, gemini))).toMatchObject([
      { data: { key: 'GEMINI2', keyKey: 'gemini2' } },
    ])
  })

  test('is refused the only key it asks for where another project has it, as its key or as its name', () => {
    expect(decide(create({ keys: ['GEM'] }), given(apollo, gemini))).toBe('project.key_taken')
    expect(decide(create({ keys: ['GEMINI'] }), given(apollo, gemini))).toBe('project.key_taken')
  })

  test('is refused a name that another project has, as its name or as its key', () => {
    expect(decide(create({ nameKey: 'gemini' }), given(apollo, gemini))).toBe('project.name_taken')
    expect(decide(create({ nameKey: 'gem' }), given(apollo, gemini))).toBe('project.name_taken')
  })

  test('a key used again finds what it made, and not a name that is taken', () => {
    const made = { ...apollo, id: 'new', nameKey: 'luna', keyKey: 'luna' }
    expect(decide(create(), given(apollo, made))).toMatchObject([{ version: 1 }])
  })

  test('is refused to a user who was removed meanwhile', () => {
    expect(decide(create({}, 'gone'))).toBe('access.forbidden')
  })
})

describe('project.update', () => {
  const update = (payload: object, actor = 'max') => says('project.update', actor, payload)

  test('changes what was sent and nothing else', () => {
    expect(decide(update({ description: 'x' }))).toEqual(became('project.updated', { description: 'x' }))
    expect(decide(update({ name: 'Apollo 11', nameKey: 'apollo 11' }))).toEqual(
      became('project.updated', { name: 'Apollo 11', nameKey: 'apollo 11' }),
    )
  })

  test('makes nothing of what already is', () => {
    expect(decide(update({ name: 'Apollo', nameKey: 'apollo', description: '' }))).toEqual([])
    expect(decide(update({}))).toEqual([])
  })

  test('lets a project spell its name in another case, and be called like its own key', () => {
    const named = { ...apollo, name: 'Moon', nameKey: 'moon' }
    expect(decide(update({ name: 'APOLLO', nameKey: 'apollo' }))).toMatchObject([{ data: { name: 'APOLLO' } }])
    expect(decide(update({ name: 'Apollo', nameKey: 'apollo' }), given(named))).toMatchObject([
      { data: { name: 'Apollo' } },
    ])
  })

  test('is refused a name that another project has, as its name or as its key', () => {
    expect(decide(update({ name: 'Gemini', nameKey: 'gemini' }), given(apollo, gemini))).toBe('project.name_taken')
    expect(decide(update({ name: 'Gem', nameKey: 'gem' }), given(apollo, gemini))).toBe('project.name_taken')
  })

  test('locks a new name only', () => {
    expect(rules.needs(update({ name: 'X', nameKey: 'x' }))).toEqual({ unique: { handle: ['x'] } })
    expect(rules.needs(update({ description: 'x' }))).toEqual({})
  })
})

describe('project.archive and project.restore', () => {
  test('each undoes the other', () => {
    expect(decide(says('project.archive', 'oleg'))).toEqual(became('project.archived', { archived: true }))
    expect(decide(says('project.restore', 'oleg'), given(archived))).toEqual(
      became('project.restored', { archived: false }),
    )
  })

  test('make nothing of what already is', () => {
    expect(decide(says('project.archive', 'oleg'), given(archived))).toEqual([])
    expect(decide(says('project.restore', 'oleg'))).toEqual([])
  })

  test('an archived project is restored or removed, and not changed otherwise', () => {
    const refused = [
      says('project.update', 'oleg', { description: 'x' }),
      says('project.add_member', 'oleg', { user: 'ivan', role: 'member' }),
      says('project.change_role', 'oleg', { user: 'mia', role: 'viewer', owners: [] }),
      says('project.remove_member', 'oleg', { user: 'mia', owners: [] }),
      says('project.remove_member', 'mia', { user: 'mia', owners: [] }),
    ]
    for (const command of refused) expect(decide(command, given(archived))).toBe('project.archived')
    expect(decide(says('project.remove', 'oleg'), given(archived))).toHaveLength(1)
  })
})

describe('project.remove', () => {
  test('leaves a tombstone', () => {
    expect(decide(says('project.remove', 'oleg'))).toEqual(became('project.removed', { deleted: true }))
  })

  test('shares ownership with others like it, and not with the removal of a user', () => {
    expect(rules.needs(says('project.remove', 'oleg'))).toEqual({ locks: [{ name: 'ownership', exclusive: false }] })
  })
})

describe('whoever asks', () => {
  const commands = {
    'project.update': { description: 'x' },
    'project.archive': {},
    'project.remove': {},
    'project.add_member': { user: 'ivan', role: 'member' },
    'project.change_role': { user: 'mia', role: 'viewer', owners: [] },
    'project.remove_member': { user: 'mia', owners: [] },
  }

  test.each(Object.entries(commands))('%s is decided by the role that the log knows', (type, payload) => {
    expect(decide(says(type, 'oleg', payload))).toHaveLength(1)
    expect(decide(says(type, 'ada', payload))).toHaveLength(1)
    expect(decide(says(type, 'vera', payload))).toBe('access.forbidden')
    expect(decide(says(type, 'ivan', payload))).toBe('project.not_found')
    expect(decide(says(type, 'gone', payload))).toBe('access.forbidden')
    expect(decide(commandOf(type, 'p1', payload))).toHaveLength(1)
    const onceAdmin = commandOf(type, 'p1', payload, { actor: { id: 'ivan', role: 'admin' } })
    expect(decide(onceAdmin)).toBe('project.not_found')
  })

  test.each(Object.entries(commands))('%s finds no project that is not there, or was removed', (type, payload) => {
    expect(decide(says(type, 'oleg', payload), given(removed))).toBe('project.not_found')
    expect(decide(says(type, 'ada', payload), given(gemini))).toBe('project.not_found')
  })
})

test('an unknown command is nobody’s', () => {
  const unknown = commandOf('project.praise', 'p1', {})
  expect(() => rules.needs(unknown)).toThrow('no such command')
  expect(() => rules.decide(unknown, worldOf())).toThrow('no such command')
})
