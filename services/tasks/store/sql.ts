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
  const params: unknown[] = []
  const param = (value: unknown) => `$${params.push(value)}`
  const { projects, assignee, assigned, states, priorities, label, text, dueFrom, dueTo, from } = asked

  const where = ['NOT deleted']
  // One is the usual case, and then the index gives them in order.
  where.push(
    projects.length === 1 ? `project_id = ${param(projects[0])}` : `project_id = ANY(${param(projects)}::uuid[])`,
  )
  if (assignee !== undefined) where.push(`assignee_id = ${param(assignee)}`)
  if (assigned !== undefined) where.push(`assignee_id IS ${assigned ? 'NOT NULL' : 'NULL'}`)
  if (states) where.push(`state = ANY(${param(states)}::text[])`)
  if (priorities) where.push(`data->>'priority' = ANY(${param(priorities)}::text[])`)
  if (label !== undefined) where.push(`data->'labels' ? ${param(label)}`)
  if (text !== undefined) where.push(`data->>'search' LIKE ${param(likeContains(text))}`)
  if (dueFrom) where.push(`due_key >= ${param(dueFrom)}`)
  if (dueFrom || dueTo) where.push(`due_key <= ${param(dueTo ?? LAST_DAY)}`)

  const column = columns[asked.sort.key]
  const [order, beyond] = asked.sort.descending ? ['DESC', '<'] : ['ASC', '>']
  if (from) where.push(`(${column}, id) ${beyond} (${param(from[0])}, ${param(from[1])}::uuid)`)
  return {
    text: `SELECT data FROM tasks WHERE ${where.join(' AND ')}
            ORDER BY ${column} ${order}, id ${order} LIMIT ${param(asked.limit)}`,
    params,
  }
}
