import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { commandOf, type Given, worldOf } from '../../platform/commands/world.testing.ts'
import { apollo, member, users } from './apollo.testing.ts'
import { rules } from './rules.ts'
import { MAX_MEMBERS, type Member, type Role, type StoredProject } from './schema.ts'

const withMembers = (...members: Member[]): StoredProject => ({ ...apollo, members: [...apollo.members, ...members] })

/** The members afterwards, or the code of the rejection; `same` where nothing had to change. */
function decide(type: string, actor: string, payload: object, project = apollo, more: Given['entities'] = {}) {
  const command = commandOf(type, 'p1', payload, { actor: { id: actor, role: 'member' } })
  const decision = rules.decide(command, worldOf({ entities: { user: users, project: [project], ...more } }))
  if ('rejection' in decision) return decision.rejection.code
  const [event] = decision.events
  return event ? `${event.type} ${list((event.data as StoredProject).members)}` : 'same'
}
const list = (members: readonly Member[]): string => members.map(({ userId, role }) => `${userId}:${role}`).join(' ')

describe('project.add_member', () => {
  const add = (actor: string, user: string, role: Role, project?: StoredProject) =>
    decide('project.add_member', actor, { user, role }, project)

  test('adds a user at the end', () => {
    expect(add('max', 'ivan', 'viewer')).toBe(`project.member_added ${list(apollo.members)} ivan:viewer`)
  })

  test('lets none but owners and admins add owners', () => {
    expect(add('max', 'ivan', 'owner')).toBe('access.forbidden')
    expect(add('oleg', 'ivan', 'owner')).toMatch('ivan:owner')
    expect(add('ada', 'ivan', 'owner')).toMatch('ivan:owner')
  })

  test('finds no removed and no unknown user', () => {
    expect(add('max', 'gone', 'member')).toBe('user.not_found')
    expect(add('max', 'nobody', 'member')).toBe('user.not_found')
  })

  test('makes nothing of a member with that role, and refuses one with another', () => {
    expect(add('max', 'mia', 'member')).toBe('same')
    expect(add('max', 'mia', 'viewer')).toBe('member.exists')
    const command = commandOf('project.add_member', 'p1', { user: 'mia', role: 'viewer' })
    expect(rules.decide(command, worldOf({ entities: { user: users, project: [apollo] } }))).toEqual({
      rejection: { code: 'member.exists', extra: { role: 'member' } },
    })
  })

  test(`has room for ${MAX_MEMBERS}`, () => {
    const others = (count: number) => Array.from({ length: count }, (_, index) => member(`u${index}`, 'viewer'))
    expect(add('max', 'ivan', 'member', withMembers(...others(MAX_MEMBERS - 5)))).toMatch('ivan:member')
    expect(add('max', 'ivan', 'member', withMembers(...others(MAX_MEMBERS - 4)))).toBe('project.full')
  })

  test('locks the user who is added', () => {
    expect(rules.needs(commandOf('project.add_member', 'p1', { user: 'ivan', role: 'viewer' }))).toEqual({
      users: ['ivan'],
      locks: [{ name: 'ownership', exclusive: false }],
    })
  })
})

describe('project.change_role', () => {
  const change = (actor: string, user: string, role: Role, project?: StoredProject) =>
    decide('project.change_role', actor, { user, role, owners: [] }, project)

  test('changes that member alone', () => {
    expect(change('max', 'mia', 'maintainer')).toBe(
      'project.role_changed oleg:owner max:maintainer mia:maintainer vera:viewer',
    )
  })

  test('makes nothing of the role that they have', () => {
    expect(change('oleg', 'mia', 'member')).toBe('same')
  })

  test('is refused to those who only write, for themselves too', () => {
    expect(change('mia', 'vera', 'member')).toBe('access.forbidden')
    expect(change('mia', 'mia', 'maintainer')).toBe('access.forbidden')
  })

  test('lets none but owners and admins make and change owners', () => {
    expect(change('max', 'mia', 'owner')).toBe('access.forbidden')
    expect(change('max', 'oleg', 'viewer', withMembers(member('olga', 'owner')))).toBe('access.forbidden')
    expect(change('oleg', 'mia', 'owner')).toMatch('mia:owner')
    expect(change('ada', 'mia', 'owner')).toMatch('mia:owner')
  })

  test('leaves one owner, and a removed user is none', () => {
    expect(change('oleg', 'oleg', 'member')).toBe('project.last_owner')
    expect(change('ada', 'oleg', 'member')).toBe('project.last_owner')
    expect(change('oleg', 'oleg', 'member', withMembers(member('gone', 'owner')))).toBe('project.last_owner')
    expect(change('oleg', 'oleg', 'member', withMembers(member('olga', 'owner')))).toMatch('oleg:member')
  })

  test('finds no one who is no member, and no removed user', () => {
    expect(change('oleg', 'ivan', 'viewer')).toBe('member.not_found')
    expect(change('oleg', 'gone', 'viewer', withMembers(member('gone', 'member')))).toBe('user.not_found')
  })

  test('loads the other owners, so that the living are told from the removed', () => {
    const command = commandOf('project.change_role', 'p1', { user: 'oleg', role: 'member', owners: ['olga'] })
    expect(rules.needs(command)).toEqual({
      users: ['oleg', 'olga'],
      locks: [{ name: 'ownership', exclusive: false }],
    })
  })
})

describe('project.remove_member', () => {
  const remove = (actor: string, user: string, project?: StoredProject) =>
    decide('project.remove_member', actor, { user, owners: [] }, project)

  test('takes that member off the list, a removed user too', () => {
    expect(remove('max', 'mia')).toBe('project.member_removed oleg:owner max:maintainer vera:viewer')
    expect(remove('max', 'gone', withMembers(member('gone', 'viewer')))).toMatch('project.member_removed')
  })

  test('lets everyone leave', () => {
    expect(remove('vera', 'vera')).toBe('project.member_removed oleg:owner max:maintainer mia:member')
    expect(remove('oleg', 'oleg', withMembers(member('olga', 'owner')))).toMatch('project.member_removed')
  })

  test('is refused to those who only write', () => {
    expect(remove('mia', 'vera')).toBe('access.forbidden')
  })

  test('lets none but owners and admins remove owners', () => {
    const two = withMembers(member('olga', 'owner'))
    expect(remove('max', 'olga', two)).toBe('access.forbidden')
    expect(remove('oleg', 'olga', two)).toMatch('project.member_removed')
    expect(remove('ada', 'olga', two)).toMatch('project.member_removed')
  })

  test('leaves one owner, and a removed user is none', () => {
    expect(remove('oleg', 'oleg')).toBe('project.last_owner')
    expect(remove('ada', 'oleg', withMembers(member('gone', 'owner')))).toBe('project.last_owner')
  })

  test('finds no one who is no member', () => {
    expect(remove('oleg', 'ivan')).toBe('member.not_found')
    expect(remove('ada', 'ada')).toBe('member.not_found')
  })
})

test('a project has a living owner whatever its members do', () => {
  const people = ['oleg', 'olga', 'max', 'mia', 'vera', 'ivan']
  const role = fc.constantFrom<Role>('owner', 'maintainer', 'member', 'viewer')
  const act = fc.record({
    type: fc.constantFrom('project.add_member', 'project.change_role', 'project.remove_member'),
    actor: fc.constantFrom(...people, 'ada'),
    user: fc.constantFrom(...people),
    role,
    /** Who was loaded: what the edge saw may be old. */
    loaded: fc.subarray(people),
  })
  fc.assert(
    fc.property(fc.array(act, { maxLength: 40 }), (acts) => {
      let project = withMembers(member('gone', 'owner'))
      for (const { type, actor, user, role, loaded } of acts) {
        const command = commandOf(type, 'p1', { user, role, owners: [] }, { actor: { id: actor, role: 'member' } })
        const seen = users.filter(({ id }) => [actor, user, 'gone', ...loaded].includes(id))
        const decision = rules.decide(command, worldOf({ entities: { user: seen, project: [project] } }))
        if ('events' in decision && decision.events[0]) project = decision.events[0].data as StoredProject
      }
      expect(project.members.some(({ userId, role }) => role === 'owner' && userId !== 'gone')).toBe(true)
      expect(new Set(project.members.map(({ userId }) => userId)).size).toBe(project.members.length)
    }),
  )
})
