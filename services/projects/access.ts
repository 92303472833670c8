import type { Command, Rejection } from '../../platform/commands/command.ts'
import type { World } from '../../platform/commands/decide.ts'
import { Failure } from '../../platform/errors/failure.ts'
import { roleOf as platformRoleOf } from '../users/rules.ts'
import type { Role, StoredProject } from './schema.ts'

const everyone = ['owner', 'maintainer', 'member', 'viewer'] as const
const writers = ['owner', 'maintainer', 'member'] as const
const keepers = ['owner', 'maintainer'] as const
const owners = ['owner'] as const

/**
 * Who may do what, by role in the project. The edge asks before a command is sent, the rules ask again when it is
 * decided; the README prints this table.
 */
const allowed = {
  'project.read': everyone,
  'project.leave': everyone,
  'project.update': keepers,
  /** Adding, changing and removing members who are no owners. */
  'project.members': keepers,
  /** The same where an owner is made, changed or removed. */
  'project.owners': owners,
  'project.archive': owners,
  'project.restore': owners,
  'project.remove': owners,
  'task.read': everyone,
  'task.create': writers,
  'task.update': writers,
  'task.move': writers,
  'task.assign': writers,
  'task.remove': writers,
} satisfies Record<string, readonly Role[]>

export type Action = keyof typeof allowed
export const actions = Object.keys(allowed) as Action[]

/** An archived project is read, restored or removed, and not changed otherwise. */
const onArchived: readonly Action[] = [
  'project.read',
  'project.archive',
  'project.restore',
  'project.remove',
  'task.read',
]

/** Who asks: an actor of the platform, or the system itself. */
export interface Who {
  id: string | null
  role: 'admin' | 'member' | 'system'
}

type Subject = Pick<StoredProject, 'members' | 'archived'>

export const memberRole = (id: string | null, { members }: Pick<StoredProject, 'members'>): Role | undefined =>
  members.find(({ userId }) => userId === id)?.role

const permits = (action: Action, role: Role): boolean => (allowed[action] as readonly Role[]).includes(role)

/** An admin of the platform may do everything in every project. */
export function can(who: Who, action: Action, project: Pick<StoredProject, 'members'>): boolean {
  if (who.role === 'admin' || who.role === 'system') return true
  const role = memberRole(who.id, project)
  return role !== undefined && permits(action, role)
}

/**
 * The code that refuses it; undefined where nothing does. Who is no member does not learn that there is such a thing.
 * @param hidden the code of what is not there: the project's own, or that of a thing inside of it
 */
export function refusal(who: Who, action: Action, project: Subject, hidden = 'project.not_found'): string | undefined {
  if (!can(who, action, project)) return memberRole(who.id, project) ? 'access.forbidden' : hidden
  return project.archived && !onArchived.includes(action) ? 'project.archived' : undefined
}

/** What changing a member counts as: making a user this, or nothing where no role is given. */
export function memberAction(who: string | null, user: string, role: Role | undefined): (project: Subject) => Action {
  return (project) => {
    if (role === undefined && who === user) return 'project.leave'
    return role === 'owner' || memberRole(user, project) === 'owner' ? 'project.owners' : 'project.members'
  }
}

/** @throws Failure with the code of `refusal` */
export function requireAccess(who: Who, action: Action, project: Subject, hidden?: string): void {
  const code = refusal(who, action, project, hidden)
  if (code) throw new Failure(code)
}

/** The actor as the log knows them at this place, whatever the token said; undefined for a removed user. */
export function actorOf(command: Command, world: World): Who | undefined {
  const role = platformRoleOf(command, world)
  return role && { id: command.actor.id, role }
}

/** The live project with this id, for an actor who may do that to it now; otherwise the decision against it. */
export function admit(
  command: Command,
  world: World,
  project: string,
  action: Action | ((project: StoredProject) => Action),
  hidden?: string,
): StoredProject | { rejection: Rejection } {
  const found = world.one<StoredProject>('project', project)
  if (!found || found.deleted) return { rejection: { code: 'project.not_found' } }
  const who = actorOf(command, world)
  const meant = typeof action === 'function' ? action(found) : action
  const code = who ? refusal(who, meant, found, hidden) : 'access.forbidden'
  return code ? { rejection: { code } } : found
}

/** The table as Markdown, for the README. */
export function accessTable(): string {
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const head = ['action', ...everyone, 'no member', 'while archived']
  const lines = actions.map((action) => [
    `\`${action}\``,
    ...everyone.map((role) => (permits(action, role) ? 'yes' : '403')),
    '404',
    onArchived.includes(action) ? 'the same' : '409',
  ])
  return [head, head.map(() => '---'), ...lines].map(row).join('\n')
}
