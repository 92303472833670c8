import type { State } from './schema.ts'

/** From each state to which: what is not here is refused. */
export const moves = {
  backlog: ['todo', 'cancelled'],
  todo: ['in_progress', 'backlog', 'cancelled'],
  in_progress: ['in_review', 'todo', 'cancelled'],
  in_review: ['done', 'in_progress', 'cancelled'],
  done: ['todo'],
  cancelled: ['todo'],
} as const satisfies Record<State, readonly State[]>

export const mayMove = (from: State, to: State): boolean => (moves[from] as readonly State[]).includes(to)
