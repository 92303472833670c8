import { describe, expect, test } from 'vitest'
import { type Action, accessTable, actions, can, memberAction, refusal, requireAccess } from './access.ts'
import { member } from './apollo.testing.ts'
import type { Role } from './schema.ts'

// Written out a second time, so that nobody changes a right without meaning to.
const rights: Record<Action, Record<Role, boolean>> = {
  'project.read': { owner: true, maintainer: true, member: true, viewer: true },
  'project.leave': { owner: true, maintainer: true, member: true, viewer: true },
  'project.update': { owner: true, maintainer: true, member: false, viewer: false },
  'project.members': { owner: true, maintainer: true, member: false, viewer: false },
  'project.owners': { owner: true, maintainer: false, member: false, viewer: false },
  'project.archive': { owner: true, maintainer: false, member: false, viewer: false },
  'project.restore': { owner: true, maintainer: false, member: false, viewer: false },
  'project.remove': { owner: true, maintainer: false, member: false, viewer: false },
  'task.read': { owner: true, maintainer: true, member: true, viewer: true },
  'task.create': { owner: true, maintainer: true, member: true, viewer: false },
  'task.update': { owner: true, maintainer: true, member: true, viewer: false },
  'task.move': { owner: true, maintainer: true, member: true, viewer: false },
  'task.assign': { owner: true, maintainer: true, member: true, viewer: false },
  'task.remove': { owner: true, maintainer: true, member: true, viewer: false },
}
const roles: readonly Role[] = ['owner', 'maintainer', 'member', 'viewer']
const cells = actions.flatMap((action) => roles.map((role) => ({ action, role, right: rights[action][role] })))

const somebody = { id: 'somebody', role: 'member' } as const
const projectOf = (role: Role, archived = false) => ({ archived, members: [{ userId: 'somebody', role }] })

describe('access', () => {
  test.each(cells)('$role, $action: $right', ({ action, role, right }) => {
    expect(can(somebody, action, projectOf(role))).toBe(right)
    expect(refusal(somebody, action, projectOf(role))).toBe(right ? undefined : 'access.forbidden')
  })

  test.each(actions)('%s is hidden from strangers, and open to admins and the system', (action) => {
    const project = projectOf('owner')
    expect(refusal({ id: 'stranger', role: 'member' }, action, project)).toBe('project.not_found')
    expect(refusal({ id: 'stranger', role: 'member' }, action, project, 'task.not_found')).toBe('task.not_found')
    expect(refusal({ id: 'stranger', role: 'admin' }, action, project)).toBeUndefined()
    expect(refusal({ id: null, role: 'system' }, action, project)).toBeUndefined()
  })

  test('an archived project is read, restored and removed, and not changed otherwise', () => {
    const open = actions.filter((action) => refusal(somebody, action, projectOf('owner', true)) === undefined)
    expect(open).toEqual(['project.read', 'project.archive', 'project.restore', 'project.remove', 'task.read'])
    expect(refusal(somebody, 'task.create', projectOf('owner', true))).toBe('project.archived')
    expect(refusal(somebody, 'task.create', projectOf('viewer', true))).toBe('access.forbidden')
    expect(refusal({ id: 'stranger', role: 'admin' }, 'task.create', projectOf('owner', true))).toBe('project.archived')
  })

  test('requireAccess throws what refuses', () => {
    expect(() => requireAccess(somebody, 'project.remove', projectOf('owner'))).not.toThrow()
    expect(() => requireAccess(somebody, 'project.remove', projectOf('viewer'))).toThrow(
      expect.objectContaining({ code: 'access.forbidden' }),
    )
  })
})

describe('membership', () => {
  test.each([
    ['making an owner', 'max', 'mia', 'owner', 'project.owners'],
    ['changing an owner', 'max', 'oleg', 'viewer', 'project.owners'],
    ['removing an owner', 'max', 'oleg', undefined, 'project.owners'],
    ['changing another', 'max', 'mia', 'viewer', 'project.members'],
    ['removing another', 'max', 'mia', undefined, 'project.members'],
    ['changing oneself', 'mia', 'mia', 'viewer', 'project.members'],
    ['leaving', 'oleg', 'oleg', undefined, 'project.leave'],
  ] as const)('%s', (_, who, user, role, action) => {
    const members = [member('oleg', 'owner'), member('mia', 'member')]
    expect(memberAction(who, user, role)({ members, archived: false })).toBe(action)
  })
})

test('accessTable has a line for each action', () => {
  const lines = accessTable().split('\n')
  expect(lines.slice(0, 3)).toEqual([
    '| action | owner | maintainer | member | viewer | no member | while archived |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    '| `project.read` | yes | yes | yes | yes | 404 | the same |',
  ])
  expect(lines).toContain('| `project.members` | yes | yes | 403 | 403 | 404 | 409 |')
  expect(lines).toHaveLength(actions.length + 2)
})
