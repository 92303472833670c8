import type { Place } from '../../../platform/reads/cursor.ts'
import type { Priority, State, StoredTask } from '../schema.ts'

/**
 * Where tasks are read from. The consumer writes them: into SQL as it decides, into MongoDB as it projects. Both give the
 * same tasks in the same order: text was folded before it was stored, and is compared byte by byte.
 */
export interface TaskStore {
  /** Removed ones included; undefined where there never was one. */
  byId(id: string): Promise<StoredTask | undefined>
  /** A living one. */
  byNumber(project: string, number: number): Promise<StoredTask | undefined>
  /** Living ones that every filter lets through, by (sort key, id), after `from`, at most `limit`. */
  list(asked: TasksAsked): Promise<StoredTask[]>
}

export interface TasksAsked {
  /** In any of these projects. */
  projects: readonly string[]
  /** Of this user. */
  assignee?: string | undefined
  /** Somebody's, or nobody's. */
  assigned?: boolean | undefined
  states?: readonly State[] | undefined
  priorities?: readonly Priority[] | undefined
  label?: string | undefined
  /** Part of title or description, in any case. */
  text?: string | undefined
  /** Days, both included; tasks without one are never within a range. */
  dueFrom?: string | undefined
  dueTo?: string | undefined
  sort: { key: SortKey; descending: boolean }
  from: Place | undefined
  limit: number
}

export type SortKey = 'createdAt' | 'updatedAt' | 'priorityKey' | 'dueKey'

/** Beyond every day, and before `~`, the key of a task without one. */
export const LAST_DAY = '9999-99-99'
