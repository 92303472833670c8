import type { Project, Task } from './contracts.ts'

/** What some codes tell besides a sentence: `error.extra`, once `error.code` is known. */
export interface Extras {
  /** Where it stands, and where it moves to from there. */
  'task.illegal_move': Readonly<{ from: Task['state']; allowed: Task['state'][] }>
  /** What there is now, where it is the same entity: a path may lead to another one by then. */
  'version.mismatch': Readonly<{ version?: number }>
  /** The id of what the key made. */
  'idempotency.expired': Readonly<{ entity: string }>
  /** What the user is in the project. */
  'member.exists': Readonly<{ role: Project['members'][number]['role'] }>
  /** Those that nobody else owns. */
  'user.owns_projects': Readonly<{ projects: { id: string; name: string }[] }>
}

export type ExtraOf<Code extends string> = [Code] extends [keyof Extras]
  ? Extras[Code]
  : Readonly<Record<string, unknown>>
