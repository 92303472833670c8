import type { z } from 'zod'
import type { Draft } from '../../platform/commands/command.ts'
import { createDrafts } from '../../platform/commands/drafts.ts'
import {
  type AssignTask,
  type Create,
  type CreateTask,
  commandSchema,
  type MoveTask,
  type State,
  type StoredTask,
  type Update,
  type UpdateTask,
} from './schema.ts'

/** The commands that procedures send, references resolved to ids. A task's root is its project. */

const draft = createDrafts(commandSchema, ({ projectId }: Pick<StoredTask, 'id' | 'projectId'>) => projectId)

export const createTask = (
  id: string,
  projectId: string,
  input: Omit<z.output<typeof Create>, 'projectId' | 'assignee' | 'parentId'>,
  { assigneeId, parentId }: Pick<CreateTask, 'assigneeId' | 'parentId'>,
): Draft =>
  draft('task.create', { id, projectId }, {
    title: input.title,
    description: input.description ?? '',
    state: input.state ?? 'backlog',
    priority: input.priority ?? 'normal',
    assigneeId,
    dueDate: input.dueDate ?? null,
    labels: input.labels ?? [],
    parentId,
  } satisfies CreateTask)

export function updateTask(
  task: StoredTask,
  { expectedVersion, ...input }: Omit<z.output<typeof Update>, 'id' | 'parentId'>,
  parentId: string | null | undefined,
): Draft {
  const given = Object.entries({ ...input, parentId }).filter(([, value]) => value !== undefined)
  return draft('task.update', task, Object.fromEntries(given) satisfies UpdateTask, expectedVersion)
}

export const moveTask = (task: StoredTask, state: State, expectedVersion?: number): Draft =>
  draft('task.move', task, { state } satisfies MoveTask, expectedVersion)

export const assignTask = (task: StoredTask, assigneeId: string | null, expectedVersion?: number): Draft =>
  draft('task.assign', task, { assigneeId } satisfies AssignTask, expectedVersion)

export const removeTask = (task: StoredTask, expectedVersion?: number): Draft =>
  draft('task.remove', task, {}, expectedVersion)
