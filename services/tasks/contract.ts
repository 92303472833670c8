import { contract } from '../../platform/contract/contract.ts'
import { nothing } from '../../platform/contract/fields.ts'
import { defineCodes } from '../../platform/errors/codes.ts'
import { Assign, ByCode, Create, List, Mine, Move, Remove, Task, TaskRef, Tasks, Update } from './schema.ts'

export const codes = defineCodes({
  'task.not_found': { trpc: 'NOT_FOUND', says: 'There is no such task, or you are no member of its project.' },
  'task.illegal_move': {
    trpc: 'CONFLICT',
    says: 'A task in the state `from` does not move there; `allowed` names the states that it moves to.',
  },
  'task.assignee_not_member': {
    trpc: 'CONFLICT',
    says: 'Tasks are assigned to members of their project; add the user to the project first.',
  },
  'task.parent_not_found': { trpc: 'NOT_FOUND', says: 'There is no such parent task in the project of this one.' },
  'task.parent_cycle': { trpc: 'CONFLICT', says: 'A task is not below itself; choose another parent.' },
  'task.too_deep': { trpc: 'CONFLICT', says: 'Tasks stand at most five deep, the ones below this one included.' },
  'task.too_large': { trpc: 'CONFLICT', says: 'Too many tasks are below this one to put them elsewhere at once.' },
  'task.has_subtasks': { trpc: 'CONFLICT', says: 'There are tasks below this one; remove them, or move them, first.' },
})

const inProject = ['task.not_found', 'project.not_found', 'project.archived'] as const
const asParent = ['task.parent_not_found', 'task.too_deep'] as const
const asAssignee = ['task.assignee_not_member', 'user.not_found'] as const
const aliases = { project_id: 'projectId' } as const

// Examples hold true on a fresh start: what is read and changed is in the demo data, what is removed was made by another example.
const lanterns = {
  id: '01981ee4-7c52-7e30-8c74-5b2e0b5b8c33',
  version: 1,
  projectId: '8b318c73-94ee-81d0-8307-97edc479192f',
  number: 6,
  code: 'HARBOUR-6',
  title: 'Test the lanterns',
  description: 'All five of them',
  state: 'backlog',
  priority: 'normal',
  assigneeId: null,
  dueDate: null,
  labels: [],
  parentId: null,
  createdBy: '1dae6a84-08c6-8100-a9f8-1ad7b2890faa',
  createdAt: '2026-01-01T09:00:00.000Z',
  updatedAt: '2026-01-01T09:00:00.000Z',
}
const cable = {
  ...lanterns,
  id: '9b3edf80-ad39-8a94-a22a-106b4ce4dba0',
  version: 2,
  number: 4,
  code: 'HARBOUR-4',
  title: 'Lay the cable',
  description: '',
  state: 'todo',
  priority: 'urgent',
  dueDate: '2030-04-12',
  labels: ['field', 'power'],
}
const changed = { ...cable, version: 3, updatedAt: '2026-01-02T09:00:00.000Z' }

export const tasks = contract({
  create: {
    kind: 'mutation',
    rest: 'POST /tasks',
    summary: 'Make a task in a project (owner, maintainer, member)',
    command: true,
    status: 201,
    location: '/tasks/{id}',
    aliases,
    input: Create,
    output: Task,
    rejects: ['project.not_found', 'project.archived', ...asParent, ...asAssignee],
    example: {
      input: { projectId: 'HARBOUR', title: 'Test the lanterns', description: 'All five of them' },
      output: lanterns,
    },
  },
  byId: {
    kind: 'query',
    rest: 'GET /tasks/{id}',
    summary: 'A task by id or code',
    input: TaskRef,
    output: Task,
    rejects: ['task.not_found'],
    example: { input: { id: 'HARBOUR-4' }, output: cable },
  },
  byCode: {
    kind: 'query',
    summary: 'A task by code',
    input: ByCode,
    output: Task,
    rejects: ['task.not_found'],
    example: { input: { code: 'HARBOUR-4' }, output: cable },
  },
  list: {
    kind: 'query',
    rest: 'GET /tasks',
    summary: 'The tasks of a project, newest first, or those of them that the filters let through',
    aliases,
    input: List,
    output: Tasks,
    rejects: ['project.not_found', 'user.not_found'],
    example: {
      input: { projectId: 'HARBOUR', state: ['backlog', 'todo'], text: 'cable', limit: 10 },
      output: { items: [cable], nextCursor: null },
    },
  },
  mine: {
    kind: 'query',
    rest: 'GET /tasks/mine',
    summary: 'The tasks that are assigned to oneself, over all of one’s projects, newest first',
    input: Mine,
    output: Tasks,
    example: { input: { sort: 'dueDate' }, output: { items: [], nextCursor: null } },
  },
  update: {
    kind: 'mutation',
    rest: 'PATCH /tasks/{id}',
    summary: 'Change what a task says, or its parent (owner, maintainer, member)',
    command: true,
    input: Update,
    output: Task,
    rejects: [...inProject, ...asParent, 'task.parent_cycle', 'task.too_large'],
    example: {
      input: { id: 'HARBOUR-4', priority: 'high', labels: ['power'] },
      output: { ...changed, priority: 'high', labels: ['power'] },
    },
  },
  move: {
    kind: 'mutation',
    rest: 'POST /tasks/{id}/move',
    summary: 'Move a task to another state (owner, maintainer, member)',
    command: true,
    input: Move,
    output: Task,
    rejects: [...inProject, 'task.illegal_move'],
    example: { input: { id: 'HARBOUR-4', state: 'in_progress' }, output: { ...changed, state: 'in_progress' } },
  },
  assign: {
    kind: 'mutation',
    rest: 'POST /tasks/{id}/assign',
    summary: 'Assign a task to a member of its project, or to nobody (owner, maintainer, member)',
    command: true,
    input: Assign,
    output: Task,
    rejects: [...inProject, ...asAssignee],
    example: {
      input: { id: 'HARBOUR-4', assignee: 'electrician' },
      output: { ...changed, assigneeId: '90d379bb-099b-8897-bb2a-f021d24a4068' },
    },
  },
  remove: {
    kind: 'mutation',
    rest: 'DELETE /tasks/{id}',
    summary: 'Remove a task that has none below it (owner, maintainer, member)',
    command: true,
    status: 204,
    input: Remove,
    output: nothing,
    rejects: [...inProject, 'task.has_subtasks'],
    example: { input: { id: 'HARBOUR-6' } },
  },
})
