import type { AnyRouter } from '@trpc/server'
import type { Actor } from '../../platform/auth/actor.ts'
import type { CommandEdge } from '../../platform/commands/send/edge.ts'
import { requireVersion } from '../../platform/commands/send/require-version.ts'
import type { Watermarks } from '../../platform/commands/watermarks/watermarks.ts'
import type { Context } from '../../platform/context.ts'
import { Failure } from '../../platform/errors/failure.ts'
import type { Reads } from '../../platform/reads/reads.ts'
import type { Queryable } from '../../platform/sql/port.ts'
import { implement } from '../../platform/trpc/implement.ts'
import { codes as userCodes } from '../users/contract.ts'
import type { UserDirectory } from '../users/directory.ts'
import { type Action, memberAction, memberRole, requireAccess } from './access.ts'
import { freeKeys, requireFreeName } from './checks.ts'
import { codes, projects } from './contract.ts'
import { addToProject, changeMember, changeProject, createProject, removeFromProject, updateProject } from './drafts.ts'
import { projectQueries } from './queries.ts'
import type { Role, StoredProject } from './schema.ts'

export interface ProjectsParts {
  sql: Queryable
  reads: Reads
  commands: CommandEdge
  watermarks: Pick<Watermarks, 'reach'>
  users: UserDirectory
}

export function projectsRouter({ sql, reads, commands, watermarks, users }: ProjectsParts): AnyRouter {
  const { procedure, router } = implement('projects', projects, {
    watermarks,
    commands,
    codes: { ...userCodes, ...codes }, // a member is a user
    mark: 'decided',
  })
  const queries = projectQueries(sql, reads)

  return router({
    create: procedure.create.mutation(async ({ input, newId }) => {
      return createProject(newId, input, await freeKeys(queries, input, newId))
    }),
    byId: procedure.byId.query(async ({ input, ctx }) => {
      return permitted(await queries.find(input.id), ctx.actor, 'project.read')
    }),
    byName: procedure.byName.query(async ({ input, ctx }) => {
      return permitted(await queries.byName(input.name), ctx.actor, 'project.read')
    }),
    byKey: procedure.byKey.query(async ({ input, ctx }) => {
      return permitted(await queries.byKey(input.key), ctx.actor, 'project.read')
    }),
    list: procedure.list.query(({ input: { mine, ...asked }, ctx: { actor } }) => {
      return queries.list(asked, actor.role === 'admin' && !mine ? null : actor.id)
    }),
    update: procedure.update.mutation(async ({ input, ctx }) => {
      const project = await changeable(input, ctx.actor, 'project.update')
      if (input.name !== undefined) await requireFreeName(queries, input.name, project)
      return updateProject(project, input)
    }),
    archive: procedure.archive.mutation(async ({ input, ctx }) => {
      const project = await changeable(input, ctx.actor, 'project.archive')
      return changeProject('project.archive', project, input.expectedVersion)
    }),
    restore: procedure.restore.mutation(async ({ input, ctx }) => {
      const project = await changeable(input, ctx.actor, 'project.restore')
      return changeProject('project.restore', project, input.expectedVersion)
    }),
    remove: procedure.remove.mutation(async ({ input, ctx }) => {
      const project = await changeable(input, ctx.actor, 'project.remove')
      return changeProject('project.remove', project, input.expectedVersion)
    }),
    addMember: procedure.addMember.mutation(async ({ input, ctx }) => {
      const { project, user, present } = await membershipOf(input, ctx, input.role)
      if (present && present !== input.role) throw new Failure('member.exists', undefined, { extra: { role: present } })
      return addToProject(project, user, input.role, input.expectedVersion)
    }),
    changeRole: procedure.changeRole.mutation(async ({ input, ctx }) => {
      const { project, user, present } = await membershipOf(input, ctx, input.role)
      if (!present) throw new Failure('member.not_found')
      return changeMember(project, user, input.role, input.expectedVersion)
    }),
    removeMember: procedure.removeMember.mutation(async ({ input, ctx }) => {
      const { project, user, present } = await membershipOf(input, ctx)
      if (!present) throw new Failure('member.not_found')
      return removeFromProject(project, user, input.expectedVersion)
    }),
  })

  async function changeable({ id, expectedVersion }: Change, actor: Actor, action: Action): Promise<StoredProject> {
    const project = permitted(await queries.find(id), actor, action)
    requireVersion(project, expectedVersion)
    return project
  }

  /** The project and the user whose role in it becomes this one, or none, if the caller may do that. */
  async function membershipOf({ id, user, expectedVersion }: Change & { user: string }, ctx: Caller, role?: Role) {
    const project = permitted(await queries.find(id), ctx.actor, 'project.read')
    const userId = await userIn(project, user, ctx)
    requireAccess(ctx.actor, memberAction(ctx.actor.id, userId, role)(project), project)
    requireVersion(project, expectedVersion)
    return { project, user: userId, present: memberRole(userId, project) }
  }

  /** A member need not be found among the users: a removed one is taken off the list too. */
  async function userIn(project: StoredProject, reference: string, ctx: Caller): Promise<string> {
    const id = reference.toLowerCase()
    if (id === 'me') return ctx.actor.id
    if (memberRole(id, project)) return id
    const user = await users.find(reference, ctx)
    if (user) return user.id
    requireAccess(ctx.actor, 'project.members', project) // whoever may not change members is not told who there is
    throw new Failure('user.not_found')
  }
}

type Caller = Context & { actor: Actor }

interface Change {
  id: string
  expectedVersion?: number | undefined
}

function permitted(project: StoredProject | undefined, actor: Actor, action: Action): StoredProject {
  if (!project) throw new Failure('project.not_found')
  requireAccess(actor, action, project)
  return project
}
