import { SqlError } from '../../platform/sql/port.ts'
import type { EntityDefinition } from './entity.ts'

/**
 * True for what a record itself causes, every time: invalid data (class 22) and broken constraints (class 23). All else, a
 * lock that was not had, a table that is not there yet, a failover, is transient: the partition waits for it.
 */
export const isPoison = (error: unknown): boolean => error instanceof SqlError && /^2[23]/.test(error.code)

/** The code that a broken unique constraint answers. */
export const violated = (error: unknown, definition: EntityDefinition): string | undefined =>
  error instanceof SqlError && error.code === '23505' && error.constraint
    ? definition.constraints[error.constraint]
    : undefined
