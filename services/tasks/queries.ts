import type { z } from 'zod'
import { canonicalJson } from '../../platform/commands/canonical.ts'
import { partitionOf } from '../../platform/log/partition.ts'
import { type Page, parseCursor, toPage } from '../../platform/reads/cursor.ts'
import type { Reads } from '../../platform/reads/reads.ts'
import type { Mine, StoredTask } from './schema.ts'
import type { SortKey, TaskStore, TasksAsked } from './store/port.ts'

/** What a caller may see is for the caller to judge. */
export interface TaskQueries {
  byId(id: string): Promise<StoredTask | undefined>
  byNumber(project: string, number: number): Promise<StoredTask | undefined>
  list(project: string, asked: Asked, whose?: Whose): Promise<Page<StoredTask>>
  /** Over many projects, and so over many partitions: straight from the store, which is never behind what was told. */
  assignedTo(user: string, projects: readonly string[], asked: Asked): Promise<Page<StoredTask>>
}

type Asked = z.output<typeof Mine>
type Whose = Pick<TasksAsked, 'assignee' | 'assigned'>

export function taskQueries(store: TaskStore, reads: Reads): TaskQueries {
  const reader = reads.entity<StoredTask>({
    kind: 'task',
    partition: ({ projectId }) => partitionOf(projectId),
    load: store.byId,
  })
  const cached = <T>(project: string, asked: unknown, load: () => Promise<T>) =>
    reads.list(`tasks:${project}`, partitionOf(project), canonicalJson(asked), load)

  /** @param scope what the list is of: with the filters and the sort it tells one list's cursors from another's */
  async function page(
    scope: object,
    asked: Asked,
    of: Whose & Pick<TasksAsked, 'projects'>,
  ): Promise<Page<StoredTask>> {
    const { cursor, limit, sort, state, priority, label, text, dueFrom, dueTo } = asked
    const filters = { states: state, priorities: priority, label, text, dueFrom, dueTo }
    const list = canonicalJson({ ...scope, ...filters, sort })
    const from = cursor === undefined ? undefined : parseCursor(list, cursor)
    const order = sorts[sort]
    const rows = await store.list({ ...of, ...filters, sort: order, from, limit: limit + 1 })
    return toPage(rows, { list, limit, place: (task) => [task[order.key], task.id], item: (task) => task })
  }

  return {
    byId: (id) => reader.one(id.toLowerCase()),
    async byNumber(project, number) {
      // Null and not undefined: what is cached is JSON.
      const id = await cached(project, { number }, async () => (await store.byNumber(project, number))?.id ?? null)
      return id === null ? undefined : reader.one(id)
    },
    list: (project, asked, whose = {}) =>
      cached(project, { ...asked, ...whose }, () =>
        page({ tasks: project, ...whose }, asked, { projects: [project], ...whose }),
      ),
    async assignedTo(user, projects, asked) {
      if (projects.length === 0) return { items: [], nextCursor: null }
      return page({ mine: user }, asked, { projects, assignee: user })
    },
  }
}

const sorts: Record<Asked['sort'], { key: SortKey; descending: boolean }> = {
  '-createdAt': { key: 'createdAt', descending: true },
  createdAt: { key: 'createdAt', descending: false },
  '-updatedAt': { key: 'updatedAt', descending: true },
  updatedAt: { key: 'updatedAt', descending: false },
  '-priority': { key: 'priorityKey', descending: true },
  priority: { key: 'priorityKey', descending: false },
  '-dueDate': { key: 'dueKey', descending: true },
  dueDate: { key: 'dueKey', descending: false },
}
