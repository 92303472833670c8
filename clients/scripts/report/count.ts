import type { Project } from '../../../services/projects/schema.ts'
import type { State, Task } from '../../../services/tasks/schema.ts'
import { check } from '../trouble.ts'

/** In the order in which work goes on. */
export const states = ['backlog', 'todo', 'in_progress', 'in_review', 'done', 'cancelled'] as const satisfies State[]

export interface Counts {
  states: Record<State, number>
  total: number
  overdue: number
}

export interface AssigneeCounts extends Counts {
  /** Username; null for what is nobody's. */
  assignee: string | null
}

export interface ProjectReport extends Counts {
  project: { id: string; key: string; name: string; archived: boolean }
  /** Those with the most tasks first, nobody last. */
  assignees: AssigneeCounts[]
}

/**
 * @param today `2026-11-23`: what was due before it, and is neither done nor cancelled, is overdue
 * @throws WrongAnswer for a task that is not one of the project, or in no state that there is
 */
export function countTasks(
  { id, key, name, archived }: Project,
  tasks: readonly Task[],
  nameOf: (userId: string) => string,
  today: string,
): ProjectReport {
  const all = noCounts()
  const byAssignee = new Map<string | null, Counts>()
  for (const task of tasks) {
    check(task.projectId === id, `The list of the tasks of ${key} has ${task.code}.`)
    check(states.includes(task.state), `${task.code} is in the state ${task.state}, which there is not.`)
    const own = byAssignee.get(task.assigneeId) ?? noCounts()
    byAssignee.set(task.assigneeId, own)
    for (const counts of [all, own]) add(counts, task, today)
  }
  const assignees = [...byAssignee].map(([userId, counts]) => {
    return { assignee: userId === null ? null : nameOf(userId), ...counts }
  })
  return { project: { id, key, name, archived }, ...all, assignees: assignees.sort(inOrder) }
}

const noCounts = (): Counts => {
  const none = { backlog: 0, todo: 0, in_progress: 0, in_review: 0, done: 0, cancelled: 0 }
  return { states: none, total: 0, overdue: 0 }
}

function add(counts: Counts, { state, dueDate }: Task, today: string): void {
  counts.states[state]++
  counts.total++
  if (dueDate !== null && dueDate < today && state !== 'done' && state !== 'cancelled') counts.overdue++
}

function inOrder(a: AssigneeCounts, b: AssigneeCounts): number {
  if (a.assignee === null || b.assignee === null) return a.assignee === null ? 1 : -1
  return b.total - a.total || (a.assignee < b.assignee ? -1 : 1)
}
