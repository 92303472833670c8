import type { z } from 'zod'
import { canonicalJson } from '../../platform/commands/canonical.ts'
import { partitionOf } from '../../platform/log/partition.ts'
import { type Page, parseCursor, toPage } from '../../platform/reads/cursor.ts'
import type { Reads } from '../../platform/reads/reads.ts'
import type { Mine, StoredTask } from './schema.ts'
import type { SortKey, TaskStore, TasksAsked } from './store/port.ts'

type Asked = z.output<typeof Mine>
type Of = Pick<TasksAsked, 'assignee' | 'assigned'>

/** What a caller may see is for the caller to judge. */
export interface TaskQueries {
  byId(id: string): Promise<StoredTask | undefined>
  byNumber(project: string, number: number): Promise<StoredTask | undefined>
  list(project: string, asked: Asked, of?: Of): Promise<Page<StoredTask>>
  /** Over many projects, and so over many partitions: straight from the store, which is never behind. */
  assignedTo(user: string, projects: readonly string[], asked: Asked): Promise<Page<StoredTask>>
}

export function taskQueries(store: TaskStore, reads: Reads): TaskQueries {
  const reader = reads.entity<StoredTask>({
    kind: 'task',
    partition: ({ projectId }) => partitionOf(projectId),
    load: store.byId,
  })
  const scoped = <T>(project: string, asked: unknown, load: () => Promise<T>) =>
    reads.list(`tasks:${project}`, partitionOf(project), canonicalJson(asked), load)

  async function page(list: string, asked: Asked, of: Of & Pick<TasksAsked, 'projects'>): Promise<Page<StoredTask>> {
    const sort = sorts[asked.sort]
    const rows = await store.list({
      ...of,
      states: asked.state,
      priorities: asked.priority,
      label: asked.label,
      text: asked.text,
      dueFrom: asked.dueFrom,
      dueTo: asked.dueTo,
      sort,
      from: asked.cursor === undefined ? undefined : parseCursor(list, asked.cursor),
      limit: asked.limit + 1,
    })
    const place = (task: StoredTask) => [task[sort.key], task.id] as const
    return toPage(rows, { list, limit: asked.limit, place, item: (task) => task })
  }

  return {
    byId: (id) => reader.one(id.toLowerCase()),
    async byNumber(project, number) {
      const load = async () => (await store.byNumber(project, number)) ?? null
      return (await scoped(project, { number }, load)) ?? undefined
    },
    list(project, asked, of = {}) {
      const { cursor, limit, ...filters } = asked
      const list = canonicalJson({ tasks: project, ...filters, ...of })
      return scoped(project, { ...asked, ...of }, () => page(list, asked, { projects: [project], ...of }))
    },
    async assignedTo(user, projects, asked) {
      const { cursor, limit, ...filters } = asked
      if (projects.length === 0) return { items: [], nextCursor: null }
      return page(canonicalJson({ mine: user, ...filters }), asked, { projects, assignee: user })
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
