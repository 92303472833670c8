import { z } from 'zod'
import type { Entity } from '../../platform/commands/command.ts'
import {
  entity,
  expectedVersion,
  filledLine,
  id,
  ordering,
  pageFields,
  pageOf,
  reference,
} from '../../platform/contract/fields.ts'

// The entity

export const state = z.enum(['backlog', 'todo', 'in_progress', 'in_review', 'done', 'cancelled'])
export type State = z.infer<typeof state>

export const priority = z.enum(['low', 'normal', 'high', 'urgent'])
export type Priority = z.infer<typeof priority>

export const title = filledLine(200)
export const description = z.string().max(20_000)
export const dueDate = z.iso.date()
export const label = filledLine(50)
export const labels = z
  .array(label)
  .max(20)
  .overwrite((all) => [...new Set(all)])

export const Task = entity({
  projectId: id,
  number: z.int().positive(),
  code: z.string().meta({ description: 'The key of the project and the number: `APOLLO-12`.' }),
  title: z.string(),
  description: z.string(),
  state,
  priority,
  assigneeId: id.nullable(),
  dueDate: dueDate.nullable(),
  labels: z.array(z.string()),
  parentId: id.nullable(),
  createdBy: id.nullable().meta({ description: 'Null where the system itself made it.' }),
}).meta({ id: 'Task' })
export type Task = z.infer<typeof Task>

/** As it is stored, cached and carried by events. */
export interface StoredTask extends Entity {
  projectId: string
  number: number
  code: string
  title: string
  description: string
  state: State
  priority: Priority
  assigneeId: string | null
  dueDate: string | null
  labels: string[]
  parentId: string | null
  createdBy: string | null
  /** Title and description, folded, as far as they can be searched: what the text filter looks into. */
  search: string
  /** What it is sorted by: `1` low to `4` urgent; the date, or `~`, after every date, where there is none. */
  priorityKey: string
  dueKey: string
}

// Inputs and outputs

export const TaskRef = z.strictObject({ id: reference.meta({ description: 'Id or code.' }) })
export const ByCode = z.strictObject({ code: reference.meta({ description: 'The code, in any case.' }) })

const project = z
  .union([reference, z.int().positive()], { error: 'Give the id, number, key or name of a project.' })
  .meta({ description: 'The project: its id, number, key or name; looked for in this order.' })
const parent = reference.meta({
  description: 'Id or code of a task in the same project that this one is a part of; null for none.',
})
const user = reference.meta({ description: 'Id or username of a member of the project; `me` is oneself.' })

/** What a task says: what it is made with, and what is changed of it. */
const fields = {
  title: title.meta({ description: 'What is to be done, in a line.' }),
  description: description.meta({ description: 'More of it.' }).optional(),
  priority: priority.meta({ description: 'How urgent it is; a new task is `normal`.' }).optional(),
  dueDate: dueDate.meta({ description: 'The day it is due; null for none.' }).nullable().optional(),
  labels: labels.meta({ description: 'Words to find it by.' }).optional(),
  parentId: parent.nullable().optional(),
}
export const Create = z.strictObject({
  projectId: project,
  ...fields,
  state: state.extract(['backlog', 'todo']).optional().meta({ description: 'Where it begins: `backlog`, or `todo`.' }),
  assignee: user.nullable().optional(),
})
export const Update = TaskRef.extend({ ...fields, title: fields.title.optional(), expectedVersion })
export const Move = TaskRef.extend({
  state: state.meta({ description: 'Where it goes; from there not every state can be reached.' }),
  expectedVersion,
})
export const Assign = TaskRef.extend({ assignee: user.nullable(), expectedVersion })
export const Remove = TaskRef.extend({ expectedVersion })

const filters = {
  state: z.array(state).min(1).max(6).optional().meta({ description: 'In one of these states.' }),
  priority: z.array(priority).min(1).max(4).optional().meta({ description: 'Of one of these priorities.' }),
  label: label.optional().meta({ description: 'With this label.' }),
  text: filledLine(100).optional().meta({ description: 'Part of the title or the description, in any case.' }),
  dueFrom: dueDate.optional().meta({ description: 'Due on this day or later.' }),
  dueTo: dueDate.optional().meta({ description: 'Due on this day or earlier.' }),
}
const sorting = {
  sort: z
    .enum(['-createdAt', 'createdAt', '-updatedAt', 'updatedAt', '-priority', 'priority', '-dueDate', 'dueDate'])
    .default('-createdAt')
    .meta(ordering),
}

export const List = z.strictObject({
  projectId: project,
  assignee: user.optional().meta({ description: 'Assigned to this user: an id or a username; `me` is oneself.' }),
  unassigned: z
    .boolean()
    .optional()
    .meta({ description: 'Only those that are nobody’s, or only those that are somebody’s.' }),
  ...filters,
  ...sorting,
  ...pageFields,
})
export const Mine = z.strictObject({ ...filters, ...sorting, ...pageFields })
export const Tasks = pageOf(Task)

// Commands: what stands on the log for ever, references resolved to ids. A payload whose shape changes takes the next version.

export const commandSchema = 1

export interface CreateTask {
  title: string
  description: string
  state: State
  priority: Priority
  assigneeId: string | null
  dueDate: string | null
  labels: string[]
  parentId: string | null
}
export type UpdateTask = Partial<Omit<CreateTask, 'state' | 'assigneeId'>>
export type MoveTask = Pick<CreateTask, 'state'>
export type AssignTask = Pick<CreateTask, 'assigneeId'>
export type RemoveTask = Record<string, never>

// Events: each carries the StoredTask as it became.

export const eventSchema = 1
export type TaskEvent = 'task.created' | 'task.updated' | 'task.moved' | 'task.assigned' | 'task.removed'
