import type { AnyRouter } from '@trpc/server'
import type { Actor } from '../../platform/auth/actor.ts'
import type { CommandEdge } from '../../platform/commands/send/edge.ts'
import { requireVersion } from '../../platform/commands/send/require-version.ts'
import type { Watermarks } from '../../platform/commands/watermarks/watermarks.ts'
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

export function tasksRouter({ store, reads, commands, watermarks, users, projects }: TasksParts): AnyRouter {
  const { procedure, router } = implement('tasks', tasks, {
    watermarks,
    commands,
    codes: { ...projectCodes, ...userCodes, ...codes }, // tasks refer to projects and users
    mark: 'served',
  })
  const queries = taskQueries(store, reads)

  return router({
    create: procedure.create.mutation(async ({ input, ctx, newId }) => {
      const project = await projectFor(input.projectId, ctx, 'task.create')
      return createTask(newId, project.id, input, {
        assigneeId: input.assignee ? await assigneeIn(project, input.assignee, ctx) : null,
        parentId: input.parentId ? await parentIn(project, input.parentId, ctx) : null,
      })
    }),
    byId: procedure.byId.query(async ({ input, ctx }) => (await found(input.id, ctx, 'task.read')).task),
    byCode: procedure.byCode.query(async ({ input, ctx }) => {
      if (isId(input.code)) throw new Failure('task.not_found')
      return (await found(input.code, ctx, 'task.read')).task
    }),
    list: procedure.list.query(async ({ input: { projectId, assignee, unassigned, ...asked }, ctx }) => {
      const project = await projectFor(projectId, ctx, 'task.read')
      return queries.list(project.id, asked, {
        ...(assignee !== undefined && { assignee: await userId(assignee, ctx) }),
        ...(unassigned !== undefined && { assigned: !unassigned }),
      })
    }),
    mine: procedure.mine.query(async ({ input, ctx }) => {
      const own = await projects.mine(ctx)
      const ids = own.map(({ id }) => id)
      return queries.assignedTo(ctx.actor.id, ids, input)
    }),
    update: procedure.update.mutation(async ({ input: { id, parentId, ...input }, ctx }) => {
      const { task, project } = await changeable({ id, ...input }, ctx, 'task.update')
      return updateTask(task, input, parentId && (await parentIn(project, parentId, ctx)))
    }),
    move: procedure.move.mutation(async ({ input, ctx }) => {
      const { task } = await changeable(input, ctx, 'task.move')
      requireMove(task, input.state)
      return moveTask(task, input.state, input.expectedVersion)
    }),
    assign: procedure.assign.mutation(async ({ input, ctx }) => {
      const { task, project } = await changeable(input, ctx, 'task.assign')
      const assigneeId = input.assignee && (await assigneeIn(project, input.assignee, ctx, task))
      return assignTask(task, assigneeId, input.expectedVersion)
    }),
    remove: procedure.remove.mutation(async ({ input, ctx }) => {
      const { task } = await changeable(input, ctx, 'task.remove')
      return removeTask(task, input.expectedVersion)
    }),
  })

  /** The task, by id or code, and its project, whoever asks; undefined where either is not there. */
  async function locate(reference: string, ctx: Caller): Promise<Located | undefined> {
    if (isId(reference)) {
      const task = await queries.byId(reference)
      const project = task && (await projects.find(task.projectId, ctx))
      return project ? { task, project } : undefined
    }
    const code = parseCode(reference)
    const project = code && (await projects.find(code.key, ctx))
    if (!project || project.key !== code.key) return undefined // another one has the key as its name
    const task = await queries.byNumber(project.id, code.number)
    return task && { task, project }
  }

  /** To whoever is no member of its project a task is not there. */
  async function found(reference: string, ctx: Caller, action: Action): Promise<Located> {
    const located = await locate(reference, ctx)
    if (!located) throw new Failure('task.not_found')
    requireAccess(ctx.actor, action, located.project, 'task.not_found')
    return located
  }

  async function changeable({ id, expectedVersion }: Change, ctx: Caller, action: Action): Promise<Located> {
    const located = await found(id, ctx, action)
    requireVersion(located.task, expectedVersion)
    return located
  }

  async function projectFor(reference: string | number, ctx: Caller, action: Action): Promise<Project> {
    const project = await projects.find(String(reference), ctx)
    if (!project) throw new Failure('project.not_found')
    requireAccess(ctx.actor, action, project)
    return project
  }

  /** @param task that is to be theirs: who has it already need not be a member still */
  async function assigneeIn(project: Project, reference: string, ctx: Caller, task?: StoredTask): Promise<string> {
    const id = await userId(reference, ctx)
    if (id !== task?.assigneeId && !memberRole(id, project)) throw new Failure('task.assignee_not_member')
    return id
  }

  /** An id is taken at its word: it is only compared, with members or assignees, who may be removed users. */
  async function userId(reference: string, ctx: Caller): Promise<string> {
    const id = reference.toLowerCase()
    if (id === 'me') return ctx.actor.id
    if (isId(id)) return id
    const user = await users.find(reference, ctx)
    if (!user) throw new Failure('user.not_found')
    return user.id
  }

  async function parentIn(project: Project, reference: string, ctx: Caller): Promise<string> {
    const parent = await locate(reference, ctx)
    if (parent?.project.id !== project.id) throw new Failure('task.parent_not_found')
    return parent.task.id
  }
}

type Caller = Context & { actor: Actor }

interface Located {
  task: StoredTask
  project: Project
}

interface Change {
  id: string
  expectedVersion?: number | undefined
}

function requireMove({ state: from }: StoredTask, to: StoredTask['state']): void {
  if (mayMove(from, to)) return
  throw new Failure('task.illegal_move', undefined, { extra: { from, allowed: moves[from] } })
}
