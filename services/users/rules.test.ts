import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Command, Entity } from '../../platform/commands/command.ts'
import { commandOf, type Given, worldOf } from '../../platform/commands/world.testing.ts'
import { rules } from './rules.ts'
import type { StoredUser } from './schema.ts'

const user = (id: string, more: Partial<StoredUser> = {}): StoredUser => ({
  id,
  version: 1,
  username: id,
  email: `${id}@example.com`,
  fullName: '',
  role: 'member',
  usernameKey: id,
  emailKey: `${id}@example.com`,
  fullNameKey: '',
  createdAt: '2026-01-01T09:00:00.000Z',
  updatedAt: '2026-01-01T09:00:00.000Z',
  ...more,
})

const ada = user('ada', { role: 'admin' })
const grace = user('grace', { role: 'admin' })
const ivan = user('ivan')
const olga = user('olga')
const gone = user('gone', { username: '', usernameKey: '', email: '', emailKey: '', deleted: true, version: 2 })

/** Everybody, and whoever a test puts in somebody's place. */
function everybody(projects: Entity[] = [], ...instead: StoredUser[]) {
  const users = new Map([ada, grace, ivan, olga, gone, ...instead].map((one) => [one.id, one]))
  const living = [...users.values()].filter(({ deleted }) => !deleted)
  return {
    entities: { user: [...users.values()], project: projects },
    holders: {
      username: Object.fromEntries(living.map((one) => [one.usernameKey, one])),
      email: Object.fromEntries(living.map((one) => [one.emailKey, one])),
    },
  } satisfies Given
}

const names = (name: string) => ({
  username: name,
  usernameKey: name,
  email: `${name}@example.com`,
  emailKey: `${name}@example.com`,
  fullName: 'Somebody',
  fullNameKey: 'somebody',
})

const by = (actor: StoredUser): Partial<Command> => ({ actor: { id: actor.id, role: actor.role } })
function decide(command: Command, given: Given = everybody()) {
  const decision = rules.decide(command, worldOf(given))
  return 'rejection' in decision ? decision.rejection.code : decision.events.map(({ type, data }) => ({ type, data }))
}

describe('user.register', () => {
  const register = (payload: object) =>
    commandOf('user.register', 'new', payload, { actor: { id: null, role: 'member' } })

  test('makes a member', () => {
    expect(decide(register(names('nina')))).toEqual([
      {
        type: 'user.created',
        data: {
          id: 'new',
          version: 1,
          ...names('nina'),
          role: 'member',
          createdAt: '2026-01-01T10:00:00.000Z',
          updatedAt: '2026-01-01T10:00:00.000Z',
        },
      },
    ])
  })

  test('makes a member even where the payload says admin', () => {
    const made = decide(register({ ...names('nina'), role: 'admin' }))
    expect(made).toMatchObject([{ data: { role: 'member' } }])
  })

  test('is refused a username or an email that another holds', () => {
    expect(decide(register({ ...names('nina'), usernameKey: 'ivan' }))).toBe('user.username_taken')
    expect(decide(register({ ...names('nina'), emailKey: 'ivan@example.com' }))).toBe('user.email_taken')
  })

  test('locks the username and the email', () => {
    expect(rules.needs(register(names('nina')))).toMatchObject({
      unique: { username: ['nina'], email: ['nina@example.com'] },
    })
  })
})

describe('user.create', () => {
  const create = (said?: Partial<Command>) => commandOf('user.create', 'new', { ...names('nina'), role: 'admin' }, said)

  test('makes a user of the role given, for an admin and for the system', () => {
    for (const command of [create(by(ada)), create()]) {
      expect(decide(command)).toMatchObject([{ type: 'user.created', data: { username: 'nina', role: 'admin' } }])
    }
  })

  test('is forbidden to members', () => {
    expect(decide(create(by(ivan)))).toBe('access.forbidden')
  })

  test('is forbidden to one who is admin by token, and no more by the log', () => {
    const command = create(by(ada))
    expect(decide(command, everybody([], { ...ada, role: 'member' }))).toBe('access.forbidden')
    expect(decide(command, everybody([], { ...ada, deleted: true }))).toBe('access.forbidden')
  })
})

describe('user.update', () => {
  const update = (id: string, payload: object, actor: StoredUser) => commandOf('user.update', id, payload, by(actor))

  test('changes what was sent and nothing else', () => {
    expect(decide(update('ivan', { fullName: 'Ivan', fullNameKey: 'ivan' }, ivan))).toEqual([
      {
        type: 'user.updated',
        data: { ...ivan, version: 2, fullName: 'Ivan', fullNameKey: 'ivan', updatedAt: '2026-01-01T10:00:00.000Z' },
      },
    ])
  })

  test('is the user’s own and an admin’s', () => {
    expect(decide(update('ivan', { fullName: 'X', fullNameKey: 'x' }, olga))).toBe('access.forbidden')
    expect(decide(update('ivan', { fullName: 'X', fullNameKey: 'x' }, ada))).toHaveLength(1)
  })

  test('makes nothing of what already is', () => {
    expect(decide(update('ivan', { username: 'ivan', usernameKey: 'ivan', role: 'member' }, ivan))).toEqual([])
  })

  test('lets a user change the spelling of the own name', () => {
    expect(decide(update('ivan', { username: 'Ivan', usernameKey: 'ivan' }, ivan))).toMatchObject([
      { data: { username: 'Ivan' } },
    ])
  })

  test('is refused a name that another holds', () => {
    expect(decide(update('ivan', { username: 'Olga', usernameKey: 'olga' }, ivan))).toBe('user.username_taken')
    expect(decide(update('ivan', { email: 'O', emailKey: 'olga@example.com' }, ivan))).toBe('user.email_taken')
  })

  test('changes a role for another admin only', () => {
    expect(decide(update('ivan', { role: 'admin' }, ada))).toMatchObject([{ data: { role: 'admin' } }])
    expect(decide(update('ivan', { role: 'admin' }, ivan))).toBe('access.forbidden')
    expect(decide(update('ada', { role: 'member' }, ada))).toBe('user.admin_self')
    expect(decide(update('ada', { role: 'member' }, grace))).toMatchObject([{ data: { role: 'member' } }])
  })

  test('finds no removed user', () => {
    expect(decide(update('gone', { fullName: 'X' }, ada))).toBe('user.not_found')
    expect(decide(update('nobody', { fullName: 'X' }, ada))).toBe('user.not_found')
  })
})

describe('user.remove', () => {
  const remove = (id: string, actor: StoredUser) => commandOf('user.remove', id, {}, by(actor))
  const owner = (userId: string) => ({ userId, role: 'owner' })
  const project = (more: object): Entity & { name: string } => ({
    id: 'p1',
    name: 'Apollo',
    version: 1,
    createdAt: '',
    updatedAt: '',
    ...more,
  })

  test('leaves a tombstone without personal data', () => {
    expect(decide(remove('ivan', ivan))).toEqual([
      {
        type: 'user.removed',
        data: {
          ...{ ...ivan, version: 2, updatedAt: '2026-01-01T10:00:00.000Z', deleted: true },
          ...{ username: '', usernameKey: '', email: '', emailKey: '', fullName: '', fullNameKey: '' },
        },
      },
    ])
  })

  test('is the user’s own and an admin’s; an admin is removed by another one', () => {
    expect(decide(remove('ivan', olga))).toBe('access.forbidden')
    expect(decide(remove('ivan', ada))).toHaveLength(1)
    expect(decide(remove('ada', ada))).toBe('user.admin_self')
    expect(decide(remove('ada', grace))).toHaveLength(1)
    expect(decide(remove('gone', ada))).toBe('user.not_found')
  })

  test('is refused while the user alone owns a project, and names it', () => {
    const given = everybody([project({ members: [owner('ivan'), { userId: 'olga', role: 'maintainer' }] })])
    expect(rules.decide(remove('ivan', ada), worldOf(given))).toEqual({
      rejection: { code: 'user.owns_projects', extra: { projects: [{ id: 'p1', name: 'Apollo' }] } },
    })
  })

  test('counts removed users as no owners', () => {
    expect(decide(remove('ivan', ada), everybody([project({ members: [owner('ivan'), owner('gone')] })]))).toBe(
      'user.owns_projects',
    )
  })

  test('is accepted where another owns it too, where it is removed, and where the user is a mere member', () => {
    for (const other of [
      project({ members: [owner('ivan'), owner('olga')] }),
      project({ members: [owner('ivan')], deleted: true }),
      project({ members: [owner('olga'), { userId: 'ivan', role: 'member' }] }),
    ]) {
      expect(decide(remove('ivan', ada), everybody([other]))).toHaveLength(1)
    }
  })

  test('locks ownership against everybody, and loads the projects', () => {
    expect(rules.needs(remove('ivan', ada))).toEqual({
      changes: ['ivan'],
      owned: ['ivan'],
      locks: [{ name: 'ownership', exclusive: true }],
    })
  })
})

test('there is an admin whatever happens', () => {
  const ids = ['ada', 'grace', 'ivan', 'olga']
  const act = fc.record({
    type: fc.constantFrom('user.update', 'user.remove'),
    target: fc.constantFrom(...ids),
    actor: fc.constantFrom(...ids),
    role: fc.constantFrom('admin', 'member'),
  })
  fc.assert(
    fc.property(fc.array(act, { maxLength: 30 }), (acts) => {
      const users = new Map([ada, grace, ivan, olga].map((one) => [one.id, one]))
      for (const { type, target, actor, role } of acts) {
        // The token may say admin long after the log says otherwise.
        const payload = type === 'user.update' ? { role } : {}
        const command = commandOf(type, target, payload, { actor: { id: actor, role: 'admin' } })
        const decision = rules.decide(command, worldOf({ entities: { user: [...users.values()] } }))
        if ('events' in decision) for (const { data } of decision.events) users.set(data.id, data as StoredUser)
      }
      expect([...users.values()].some(({ role, deleted }) => role === 'admin' && !deleted)).toBe(true)
    }),
  )
})

test('an unknown command is nobody’s', () => {
  const unknown = commandOf('user.praise', 'ivan', {})
  expect(() => rules.needs(unknown)).toThrow('no such command')
  expect(() => rules.decide(unknown, worldOf())).toThrow('no such command')
})
