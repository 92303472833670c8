import { pageStatement } from '../../../platform/sql/page.ts'
import type { Queryable } from '../../../platform/sql/port.ts'
import { likeContains } from '../../../platform/text.ts'
import type { StoredTask } from '../schema.ts'
import { LAST_DAY, type SortKey, type TaskStore, type TasksAsked } from './port.ts'

type Row = { data: StoredTask }

const columns: Record<SortKey, string> = {
  createdAt: 'created_at',
  updatedAt: 'updated_at',
  priorityKey: 'priority_key',
  dueKey: 'due_key',
}

export function sqlTasks(sql: Queryable): TaskStore {
  const one = async (where: string, params: readonly unknown[], name: string) =>
    (await sql.query<Row>(`SELECT data FROM tasks WHERE ${where}`, params, name))[0]?.data
  return {
    byId: (id) => one('id = $1', [id], 'task-by-id'),
    byNumber: (project, number) =>
      one('project_id = $1 AND number = $2 AND NOT deleted', [project, number], 'task-by-number'),
    async list(asked) {
      const { text, params } = selectTasks(asked)
      return (await sql.query<Row>(text, params)).map(({ data }) => data)
    },
  }
}

function selectTasks(asked: TasksAsked): { text: string; params: unknown[] } {
  const { projects, assignee, assigned, states, priorities, label, text, dueFrom, dueTo, from, limit } = asked
  return pageStatement({
    table: 'tasks',
    where: (param) => [
      'NOT deleted',
      // One is the usual case, and then the index gives them in order.
      projects.length === 1 ? `project_id = ${param(projects[0])}` : `project_id = ANY(${param(projects)}::uuid[])`,
      assignee !== undefined && `assignee_id = ${param(assignee)}`,
      assigned !== undefined && `assignee_id IS ${assigned ? 'NOT NULL' : 'NULL'}`,
      states && `state = ANY(${param(states)}::text[])`,
      priorities && `data->>'priority' = ANY(${param(priorities)}::text[])`,
      label !== undefined && `data->'labels' ? ${param(label)}`,
      text !== undefined && `data->>'search' LIKE ${param(likeContains(text))}`,
      dueFrom && `due_key >= ${param(dueFrom)}`,
      (dueFrom || dueTo) && `due_key <= ${param(dueTo ?? LAST_DAY)}`,
    ],
    sort: { column: columns[asked.sort.key], descending: asked.sort.descending },
    from,
    limit,
  })
}
