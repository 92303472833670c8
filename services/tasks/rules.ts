import type { Command, Rejection } from '../../platform/commands/command.ts'
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
import { searchKey } from '../../platform/text.ts'
import { type Action, admit, memberRole } from '../projects/access.ts'
import type { StoredProject } from '../projects/schema.ts'
import { formatCode } from './code.ts'
import { mayMove, moves } from './moves.ts'
import {
  type AssignTask,
  type CreateTask,
  eventSchema,
  type MoveTask,
  priority,
  type StoredTask,
  type TaskEvent,
  type UpdateTask,
} from './schema.ts'
import { hasSubtasks, parentRefusal } from './tree.ts'

/**
 * What may become of a task. Its root is its project, which it never leaves: a project and its tasks are decided by one
 * writer, so a task is judged after its project, and numbers have no gaps.
 */
export const rules: Rules = { needs, decide }

const become = eventsOf<StoredTask, TaskEvent>('task', eventSchema)

function needs({ type, entity, root, payload }: Command): Needs {
  const load = { project: [root] }
  switch (type) {
    case 'task.create': {
      const { assigneeId, parentId } = payload as CreateTask
      return { load, users: given(assigneeId), ancestors: given(parentId) }
    }
    case 'task.update': {
      const { parentId } = payload as UpdateTask
      return parentId ? { load, ancestors: [parentId], descendants: [entity] } : { load }
    }
    case 'task.move':
      return { load }
    case 'task.assign':
      return { load, users: given((payload as AssignTask).assigneeId) }
    case 'task.remove':
      return { load, descendants: [entity] }
    default:
      throw new UnknownCommand({ type })
  }
}

const given = (id: string | null): string[] => (id === null ? [] : [id])

function decide(command: Command, world: World): Decision {
  switch (command.type) {
    case 'task.create':
      return create(command.payload as CreateTask, command, world)
    case 'task.update':
      return update(command.payload as UpdateTask, command, world)
    case 'task.move':
      return move(command.payload as MoveTask, command, world)
    case 'task.assign':
      return assign(command.payload as AssignTask, command, world)
    case 'task.remove':
      return remove(command, world)
    default:
      throw new UnknownCommand(command)
  }
}

function create(payload: CreateTask, command: Command, world: World): Decision {
  const project = admit(command, world, command.root, 'task.create')
  if ('rejection' in project) return project
  const { assigneeId, parentId } = payload
  if (assigneeId !== null && !isMember(assigneeId, project.id, world)) return reject('task.assignee_not_member')
  const refused = parentId !== null && parentRefusal(parentId, { id: command.entity, projectId: project.id }, world)
  if (refused) return refused

  const number = world.counter(project.id) + 1
  return become('task.created', {
    id: command.entity,
    version: 1,
    projectId: project.id,
    number,
    code: formatCode(project.key, number),
    title: payload.title,
    description: payload.description,
    state: payload.state,
    priority: payload.priority,
    assigneeId,
    dueDate: payload.dueDate,
    labels: payload.labels,
    parentId,
    createdBy: command.actor.id,
    ...derived(payload),
    createdAt: command.at,
    updatedAt: command.at,
  })
}

function update(payload: UpdateTask, command: Command, world: World): Decision {
  const task = admitted(command, world, 'task.update')
  if ('rejection' in task) return task
  const changed = (Object.keys(payload) as (keyof UpdateTask)[]).filter((field) => !same(payload[field], task[field]))
  if (changed.length === 0) return noChange
  const refused = payload.parentId && changed.includes('parentId') && parentRefusal(payload.parentId, task, world)
  if (refused) return refused
  return become('task.updated', nextVersion(task, command, { ...payload, ...derived({ ...task, ...payload }) }))
}

function move({ state }: MoveTask, command: Command, world: World): Decision {
  const task = admitted(command, world, 'task.move')
  if ('rejection' in task) return task
  if (!mayMove(task.state, state)) {
    return reject('task.illegal_move', undefined, { from: task.state, allowed: moves[task.state] })
  }
  return become('task.moved', nextVersion(task, command, { state }))
}

function assign({ assigneeId }: AssignTask, command: Command, world: World): Decision {
  const task = admitted(command, world, 'task.assign')
  if ('rejection' in task) return task
  if (task.assigneeId === assigneeId) return noChange
  if (assigneeId !== null && !isMember(assigneeId, task.projectId, world)) return reject('task.assignee_not_member')
  return become('task.assigned', nextVersion(task, command, { assigneeId }))
}

function remove(command: Command, world: World): Decision {
  const purged = command.actor.role === 'system' // with its project, in whatever order
  const task = purged ? living(command, world) : admitted(command, world, 'task.remove')
  if ('rejection' in task) return task
  if (!purged && hasSubtasks(task.id, world)) return reject('task.has_subtasks')
  return become('task.removed', nextVersion(task, command, { deleted: true }))
}

/** The task that a command is about, for an actor who may do that to it now; otherwise the decision against it. */
function admitted(command: Command, world: World, action: Action): StoredTask | { rejection: Rejection } {
  const project = admit(command, world, command.root, action, 'task.not_found')
  return 'rejection' in project ? project : living(command, world)
}

function living({ entity, root }: Command, world: World): StoredTask | { rejection: Rejection } {
  const task = world.one<StoredTask>('task', entity)
  return task && !task.deleted && task.projectId === root ? task : { rejection: { code: 'task.not_found' } }
}

/** A member of the project, and not a removed user whose name is still on its list. */
function isMember(id: string, projectId: string, world: World): boolean {
  const project = world.one<StoredProject>('project', projectId)
  const user = world.one('user', id)
  return project !== undefined && memberRole(id, project) !== undefined && user !== undefined && !user.deleted
}

function derived({
  title,
  description,
  priority: level,
  dueDate,
}: Pick<StoredTask, Telling>): Pick<StoredTask, Derived> {
  return {
    search: searchKey(`${title}\n${description}`),
    priorityKey: String(priority.options.indexOf(level) + 1),
    dueKey: dueDate ?? '~',
  }
}
type Telling = 'title' | 'description' | 'priority' | 'dueDate'
type Derived = 'search' | 'priorityKey' | 'dueKey'

/** Labels are the same in the same order. */
const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other)
