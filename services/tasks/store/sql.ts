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
  const { descending } = asked.sort
  const column = columns[asked.sort.key]
  const order = descending ? 'DESC' : 'ASC'
  const [only] = asked.projects

  const where = ['NOT deleted']
  where.push(
    asked.projects.length === 1 ? `project_id = ${param(only)}` : `project_id = ANY(${param(asked.projects)}::uuid[])`,
  )
  if (asked.assignee === null || asked.assigned === false) where.push('assignee_id IS NULL')
  else if (asked.assignee) where.push(`assignee_id = ${param(asked.assignee)}`)
  if (asked.assigned === true) where.push('assignee_id IS NOT NULL')
  if (asked.states) where.push(`state = ANY(${param(asked.states)}::text[])`)
  if (asked.priorities) where.push(`data->>'priority' = ANY(${param(asked.priorities)}::text[])`)
  if (asked.label !== undefined) where.push(`data->'labels' ? ${param(asked.label)}`)
  if (asked.text !== undefined) where.push(`data->>'search' LIKE ${param(likeContains(asked.text))}`)
  if (asked.dueFrom) where.push(`due_key >= ${param(asked.dueFrom)}`)
  if (asked.dueTo) where.push(`due_key <= ${param(asked.dueTo)}`)
  if (asked.dueFrom || asked.dueTo) where.push(`due_key <= '${LAST_DAY}'`)
  if (asked.from) {
    const [key, id] = asked.from
    where.push(`(${column}, id) ${descending ? '<' : '>'} (${param(key)}, ${param(id)}::uuid)`)
  }
  return {
    text: `SELECT data FROM tasks WHERE ${where.join(' AND ')}
            ORDER BY ${column} ${order}, id ${order} LIMIT ${param(asked.limit)}`,
    params,
  }
}
