import type { AnyRouter } from '@trpc/server'
import type { Actor } from '../../platform/auth/actor.ts'
import type { CommandEdge } from '../../platform/commands/edge.ts'
import { requireVersion } from '../../platform/commands/require-version.ts'
import type { Watermarks } from '../../platform/commands/watermarks.ts'
import type { Context } from '../../platform/context.ts'
import { Failure } from '../../platform/errors/failure.ts'
import { isId } from '../../platform/ids.ts'
import type { Reads } from '../../platform/reads/reads.ts'
import { implement } from '../../platform/trpc/implement.ts'
import { type Action, memberRole, requireAccess } from '../projects/access.ts'
import { codes as projectCodes } from '../projects/contract.ts'
import type { ProjectDirectory } from '../projects/directory.ts'
import type { Project } from '../projects/schema.ts'
import { codes as userCodes } from '../users/contract.ts'
import type { UserDirectory } from '../users/directory.ts'
import { parseCode } from './code.ts'
import { codes, tasks } from './contract.ts'
import { assignTask, createTask, moveTask, removeTask, updateTask } from './drafts.ts'
import { mayMove, moves } from './moves.ts'
import { taskQueries } from './queries.ts'
import type { StoredTask } from './schema.ts'
import type { TaskStore } from './store/port.ts'

export interface TasksParts {
  store: TaskStore
  reads: Reads
  commands: CommandEdge
  watermarks: Pick<Watermarks, 'reach'>
  users: UserDirectory
  projects: ProjectDirectory
}

type Call = Context & { actor: Actor }

export function tasksRouter({ store, reads, commands, watermarks, users, projects }: TasksParts): AnyRouter {
  const said = { ...projectCodes, ...userCodes, ...codes }
  const { procedure, router } = implement('tasks', tasks, { watermarks, commands, codes: said, mark: 'served' })
  const queries = taskQueries(store, reads)

  /** The project, for whoever may do that in it; to strangers it is not there, nor is what is inside of it. */
  async function permitted(reference: string, ctx: Call, action: Action, hidden?: string): Promise<Project> {
    const project = await projects.find(reference, ctx)
    if (!project) throw new Failure(hidden ?? 'project.not_found')
    requireAccess(ctx.actor, action, project, hidden)
    return project
  }

  async function byCode(text: string, ctx: Call): Promise<StoredTask | undefined> {
    const code = parseCode(text)
    const project = code && (await projects.find(code.key, ctx))
    return code && project?.key === code.key ? queries.byNumber(project.id, code.number) : undefined
  }

  async function found(reference: string, ctx: Call, action: Action): Promise<{ task: StoredTask; project: Project }> {
    const task = isId(reference) ? await queries.byId(reference) : await byCode(reference, ctx)
    if (!task) throw new Failure('task.not_found')
    return { task, project: await permitted(task.projectId, ctx, action, 'task.not_found') }
  }

  async function changeable(
    input: { id: string; expectedVersion?: number | undefined },
    ctx: Call,
    action: Action,
  ): Promise<{ task: StoredTask; project: Project }> {
    const both = await found(input.id, ctx, action)
    requireVersion(both.task, input.expectedVersion)
    return both
  }

  async function userId(reference: string, ctx: Call): Promise<string> {
    if (reference.toLowerCase() === 'me') return ctx.actor.id
    const user = await users.find(reference, ctx)
    if (!user) throw new Failure('user.not_found')
    return user.id
  }

  async function assigneeIn(project: Project, reference: string | null | undefined, ctx: Call): Promise<string | null> {
    if (reference === null || reference === undefined) return null
    const id = await userId(reference, ctx)
    if (!memberRole(id, project)) throw new Failure('task.assignee_not_member')
    return id
  }

  /** Undefined where nothing was said. */
  async function parentIn(project: Project, reference: string | null | undefined, ctx: Call) {
    if (reference === null || reference === undefined) return reference
    const parent = isId(reference) ? await queries.byId(reference) : await byCode(reference, ctx)
    if (parent?.projectId !== project.id) throw new Failure('task.parent_not_found')
    return parent.id
  }

  return router({
    create: procedure.create.mutation(async ({ input, ctx, newId }) => {
      const project = await permitted(String(input.projectId), ctx, 'task.create')
      const assigneeId = await assigneeIn(project, input.assignee, ctx)
      const parentId = (await parentIn(project, input.parentId, ctx)) ?? null
      return createTask(newId, project.id, input, { assigneeId, parentId })
    }),
    byId: procedure.byId.query(async ({ input, ctx }) => (await found(input.id, ctx, 'task.read')).task),
    byCode: procedure.byCode.query(async ({ input, ctx }) => (await found(input.code, ctx, 'task.read')).task),
    list: procedure.list.query(async ({ input: { projectId, assignee, unassigned, ...asked }, ctx }) => {
      const project = await permitted(String(projectId), ctx, 'task.read')
      return queries.list(project.id, asked, {
        ...(assignee !== undefined && { assignee: await userId(assignee, ctx) }),
        ...(unassigned !== undefined && { assigned: !unassigned }),
      })
    }),
    mine: procedure.mine.query(async ({ input, ctx }) => {
      const mine = await projects.mine(ctx)
      return queries.assignedTo(
        ctx.actor.id,
        mine.map(({ id }) => id),
        input,
      )
    }),
    update: procedure.update.mutation(async ({ input: { id, parentId, ...input }, ctx }) => {
      const { task, project } = await changeable({ id, ...input }, ctx, 'task.update')
      return updateTask(task, input, await parentIn(project, parentId, ctx))
    }),
    move: procedure.move.mutation(async ({ input, ctx }) => {
      const { task } = await changeable(input, ctx, 'task.move')
      requireMove(task, input.state)
      return moveTask(task, input.state, input.expectedVersion)
    }),
    assign: procedure.assign.mutation(async ({ input, ctx }) => {
      const { task, project } = await changeable(input, ctx, 'task.assign')
      return assignTask(task, await assigneeIn(project, input.assignee, ctx), input.expectedVersion)
    }),
    remove: procedure.remove.mutation(async ({ input, ctx }) => {
      const { task } = await changeable(input, ctx, 'task.remove')
      return removeTask(task, input.expectedVersion)
    }),
  })
}

function requireMove({ state: from }: StoredTask, to: StoredTask['state']): void {
  if (mayMove(from, to)) return
  throw new Failure('task.illegal_move', undefined, { extra: { from, allowed: moves[from] } })
}
