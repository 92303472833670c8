import { SqlError } from '../../../platform/sql/port.ts'
import type { EntityDefinition } from '../entity.ts'

/** Dead letters in a row that stop the partition: then it is not the records. */
export const DEAD_IN_A_ROW = 10

/** How many stand in a row at the end of these, with so many right before them. */
export const deadInARow = (before: number, decided: readonly { dead?: string }[]): number =>
  decided.reduce((row, { dead }) => (dead === undefined ? 0 : row + 1), before)

/**
 * True for what a record itself causes, every time: invalid data (class 22), broken constraints (class 23), and what is
 * beyond Postgres' own limits (class 54: too long for an index, nested too deeply). All else, a lock that was not had,
 * a table that is not there yet, a failover, is transient: the partition waits for it.
 */
export const isPoison = (error: unknown): boolean => error instanceof SqlError && /^(22|23|54)/.test(error.code)

/**
 * True where Postgres gave up, or went away: too much at once may have been why (a statement or a pause between two took too
 * long, memory ran out), so the next attempt is made with less. If it was not, that costs nothing but a few smaller batches.
 */
export const mayBeTooMuch = (error: unknown): boolean =>
  error instanceof SqlError && /^(08|57014|25P03|53200)/.test(error.code)

/** The code that a broken unique constraint answers. */
export const violated = (error: unknown, definition: EntityDefinition): string | undefined =>
  error instanceof SqlError && error.code === '23505' && error.constraint
    ? definition.constraints[error.constraint]
    : undefined
