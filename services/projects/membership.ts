import type { Command } from '../../platform/commands/command.ts'
import { type Decision, nextVersion, noChange, reject, type World } from '../../platform/commands/decide.ts'
import { admit, memberAction, memberRole } from './access.ts'
import { become } from './events.ts'
import {
  type AddToProject,
  type ChangeMember,
  MAX_MEMBERS,
  type RemoveFromProject,
  type Role,
  type StoredProject,
} from './schema.ts'

export function addMember({ user, role }: AddToProject, command: Command, world: World): Decision {
  const project = admitted(command, world, user, role)
  if ('rejection' in project) return project
  if (!lives(user, world)) return reject('user.not_found')
  const present = memberRole(user, project)
  if (present === role) return noChange
  if (present) return reject('member.exists', undefined, { role: present })
  if (project.members.length >= MAX_MEMBERS) return reject('project.full')
  const members = [...project.members, { userId: user, role }]
  return become('project.member_added', nextVersion(project, command, { members }))
}

export function changeRole({ user, role }: ChangeMember, command: Command, world: World): Decision {
  const project = admitted(command, world, user, role)
  if ('rejection' in project) return project
  const present = memberRole(user, project)
  if (!present) return reject('member.not_found')
  if (present === role) return noChange
  if (!lives(user, world)) return reject('user.not_found')
  if (present === 'owner' && !ownedByAnother(user, project, world)) return reject('project.last_owner')
  const members = project.members.map((member) => (member.userId === user ? { ...member, role } : member))
  return become('project.role_changed', nextVersion(project, command, { members }))
}

/** Who goes need not live: a removed user is taken off the list like any other. */
export function removeMember({ user }: RemoveFromProject, command: Command, world: World): Decision {
  const project = admitted(command, world, user)
  if ('rejection' in project) return project
  const present = memberRole(user, project)
  if (!present) return reject('member.not_found')
  if (present === 'owner' && !ownedByAnother(user, project, world)) return reject('project.last_owner')
  const members = project.members.filter(({ userId }) => userId !== user)
  return become('project.member_removed', nextVersion(project, command, { members }))
}

const admitted = (command: Command, world: World, user: string, role?: Role) =>
  admit(command, world, command.entity, memberAction(command.actor.id, user, role))

function lives(id: string, world: World): boolean {
  const user = world.one('user', id)
  return user !== undefined && !user.deleted
}

/** Removed users own nothing. An owner who was not loaded, because they became one just now, is not counted either. */
const ownedByAnother = (user: string, { members }: StoredProject, world: World): boolean =>
  members.some(({ userId, role }) => role === 'owner' && userId !== user && lives(userId, world))
