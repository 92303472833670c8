import { Failure } from '../../errors/failure.ts'
import { type Queryable, SqlError } from '../../sql/port.ts'
import type { Outcome, Position } from '../command.ts'
import { createLookups } from './lookups.ts'

/** By Postgres' clock. */
export const OUTCOMES_KEPT_DAYS = 7

/** A row of `outcomes`. What it says may be told only once the watermark covers its position. */
export interface OutcomeRow {
  outcome: Outcome
  /** Of the entity after it; null for a rejection. */
  version: number | null
  /** False for a later record with a command id that was seen before. */
  first: boolean
}

/** Reads what was decided, many callers in one query. */
export interface Outcomes {
  /** @throws Failure `store.unavailable`, `service.overloaded` */
  at(position: Position): Promise<OutcomeRow | undefined>
  /** The first record of a command id. @throws Failure `store.unavailable`, `service.overloaded` */
  of(command: string): Promise<OutcomeRow | undefined>
}

interface Stored {
  partition: number
  position: number
  command_id: string
  first: boolean
  version: number | null
  record: Outcome
  [column: string]: unknown
}

const COLUMNS = 'partition, position, command_id, first, version, record'

export function createOutcomes(sql: Queryable, maxWaiting = 10_000): Outcomes {
  const limits = { perQuery: 500, maxWaiting, refusal: () => new Failure('service.overloaded', undefined, again) }

  return {
    at: createLookups<Position, OutcomeRow>({
      ...limits,
      nameOf: ({ partition, offset }) => `${partition}:${offset}`,
      async load(positions) {
        const rows = await read(
          sql,
          `SELECT ${COLUMNS} FROM unnest($1::int[], $2::bigint[]) AS asked(partition, position)
             JOIN outcomes USING (partition, position)`,
          [positions.map(({ partition }) => partition), positions.map(({ offset }) => offset)],
          'outcomes-at',
        )
        return new Map(rows.map((row) => [`${row.partition}:${row.position}`, outcomeRow(row)]))
      },
    }),

    of: createLookups<string, OutcomeRow>({
      ...limits,
      nameOf: (command) => command,
      async load(commands) {
        const rows = await read(
          sql,
          `SELECT ${COLUMNS} FROM outcomes WHERE command_id = ANY($1::uuid[]) AND first`,
          [commands],
          'outcomes-of',
        )
        return new Map(rows.map((row) => [row.command_id, outcomeRow(row)]))
      },
    }),
  }
}

const again = { retryAfter: 1 }

const outcomeRow = ({ record, version, first }: Stored): OutcomeRow => ({ outcome: record, version, first })

async function read(sql: Queryable, text: string, params: readonly unknown[], name: string): Promise<Stored[]> {
  try {
    return await sql.query<Stored>(text, params, name)
  } catch (error) {
    if (!(error instanceof SqlError) || !error.unavailable) throw error
    throw new Failure('store.unavailable', undefined, { ...again, cause: error })
  }
}
