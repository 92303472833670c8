import { apollo, at } from '../projects/apollo.testing.ts'
import type { StoredTask } from './schema.ts'

/** A task of Apollo, for tests of rules. */
export const engine: StoredTask = {
  id: 't1',
  version: 3,
  projectId: apollo.id,
  number: 1,
  code: 'APOLLO-1',
  title: 'Engine',
  description: '',
  state: 'todo',
  priority: 'normal',
  assigneeId: null,
  dueDate: null,
  labels: [],
  parentId: null,
  createdBy: 'mia',
  search: 'engine\n',
  priorityKey: '2',
  dueKey: '~',
  createdAt: at,
  updatedAt: at,
}

export const below = (parentId: string | null, id: string, more: Partial<StoredTask> = {}): StoredTask => ({
  ...engine,
  id,
  parentId,
  ...more,
})
