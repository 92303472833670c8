import type { Command, Entity } from '../../platform/commands/command.ts'
import {
  type Decision,
  eventsOf,
  type Needs,
  nextVersion,
  noChange,
  type Rules,
  reject,
  UnknownCommand,
  type World,
} from '../../platform/commands/decide.ts'
import {
  type CreateUser,
  eventSchema,
  type RegisterUser,
  type Role,
  type StoredUser,
  type UpdateUser,
  type UserEvent,
} from './schema.ts'

/**
 * What may become of a user. There is always an admin: one is demoted or removed only by another one, whose own role is
 * locked and looked at in the same decision.
 */
export const rules: Rules = { needs, decide }

const become = eventsOf<StoredUser, UserEvent>('user', eventSchema)

function needs(command: Command): Needs {
  switch (command.type) {
    case 'user.register':
    case 'user.create':
      return { unique: uniqueValues(command.payload as CreateUser) }
    case 'user.update':
      return { changes: [command.entity], unique: uniqueValues(command.payload as UpdateUser) }
    case 'user.remove':
      // Exclusive, and shared by all that changes who owns a project: nobody becomes the only owner meanwhile.
      return {
        changes: [command.entity],
        owned: [command.entity],
        locks: [{ name: 'ownership', exclusive: true }],
      }
    default:
      throw new UnknownCommand(command)
  }
}

function decide(command: Command, world: World): Decision {
  switch (command.type) {
    case 'user.register':
      return make({ ...(command.payload as RegisterUser), role: 'member' }, command, world)
    case 'user.create':
      if (!isAdmin(whoSent(command, world))) return reject('access.forbidden')
      return make(command.payload as CreateUser, command, world)
    case 'user.update':
      return change(command.payload as UpdateUser, command, world)
    case 'user.remove':
      return remove(command, world)
    default:
      throw new UnknownCommand(command)
  }
}

/** The actor's role as it is at this place in the log, whatever the token said; undefined for nobody and for removed users. */
export function roleOf({ actor }: Command, world: World): Role | 'system' | undefined {
  if (actor.role === 'system') return 'system'
  const user = actor.id ? world.one<StoredUser>('user', actor.id) : undefined
  return user && !user.deleted ? user.role : undefined
}

type Who = { id: string | null; role: Role | 'system' | undefined }

const isAdmin = ({ role }: Who): boolean => role === 'admin' || role === 'system'

/** Why somebody may not do that to a user: asked at the edge, and again when it is decided. */
export function refusal(who: Who, user: StoredUser, what: UpdateUser | 'remove'): string | undefined {
  const self = who.id === user.id
  if (!self && !isAdmin(who)) return 'access.forbidden'
  if (what === 'remove') return self && user.role === 'admin' ? 'user.admin_self' : undefined
  if (what.role === undefined || what.role === user.role) return undefined
  if (!isAdmin(who)) return 'access.forbidden'
  return self ? 'user.admin_self' : undefined
}

const whoSent = (command: Command, world: World): Who => ({ id: command.actor.id, role: roleOf(command, world) })

function make(payload: CreateUser, command: Command, world: World): Decision {
  return (
    taken(payload, command, world) ??
    become('user.created', {
      id: command.entity,
      version: 1,
      username: payload.username,
      email: payload.email,
      fullName: payload.fullName,
      role: payload.role,
      usernameKey: payload.usernameKey,
      emailKey: payload.emailKey,
      fullNameKey: payload.fullNameKey,
      createdAt: command.at,
      updatedAt: command.at,
    })
  )
}

function change(payload: UpdateUser, command: Command, world: World): Decision {
  const user = world.one<StoredUser>('user', command.entity)
  if (!user || user.deleted) return reject('user.not_found')
  const refused = refusal(whoSent(command, world), user, payload)
  if (refused) return reject(refused)
  const changed = (Object.keys(payload) as (keyof UpdateUser)[]).some((field) => payload[field] !== user[field])
  if (!changed) return noChange
  return taken(payload, command, world) ?? become('user.updated', nextVersion(user, command, payload))
}

function remove(command: Command, world: World): Decision {
  const user = world.one<StoredUser>('user', command.entity)
  if (!user || user.deleted) return reject('user.not_found')
  const refused = refusal(whoSent(command, world), user, 'remove')
  if (refused) return reject(refused)

  const projects = ownedAlone(user.id, world)
  if (projects.length > 0) return reject('user.owns_projects', undefined, { projects })
  const erased = { username: '', usernameKey: '', email: '', emailKey: '', fullName: '', fullNameKey: '' }
  return become('user.removed', nextVersion(user, command, { ...erased, role: 'member', deleted: true }))
}

function uniqueValues({ usernameKey, emailKey }: UpdateUser): NonNullable<Needs['unique']> {
  return { ...(usernameKey && { username: [usernameKey] }), ...(emailKey && { email: [emailKey] }) }
}

function taken({ usernameKey, emailKey }: UpdateUser, command: Command, world: World): Decision | undefined {
  const heldByAnother = (namespace: string, value: string | undefined) => {
    const holder = value ? world.holder(namespace, value) : undefined
    return holder !== undefined && holder.id !== command.entity
  }
  if (heldByAnother('username', usernameKey)) return reject('user.username_taken')
  if (heldByAnother('email', emailKey)) return reject('user.email_taken')
  return undefined
}

/** As much of a project as is looked at here. */
interface Owned extends Entity {
  name: string
  members: readonly { userId: string; role: string }[]
}

/** Live projects whose only living owner is this user. */
function ownedAlone(userId: string, world: World): { id: string; name: string }[] {
  const owns = (project: Owned) => project.members.filter(({ role }) => role === 'owner').map((member) => member.userId)
  return [...world.all<Owned>('project')]
    .filter((project) => !project.deleted && owns(project).includes(userId))
    .filter((project) => owns(project).every((id) => id === userId || world.one('user', id)?.deleted))
    .map(({ id, name }) => ({ id, name }))
}
