import type { Sql } from '../../../platform/sql/port.ts'
import { takeAllOver } from '../ownership/progress.ts'
import { type ReplayParts, replayEvents, waitForLog } from './replay.ts'

export interface RebuildParts extends ReplayParts {
  /** Empty and migrated. */
  sql: Sql
}

/** Makes the database again from `events`. */
export async function rebuild({ sql, ...parts }: RebuildParts): Promise<void> {
  parts.onProgress('Making the database again from the log')
  await sql.transaction(async (tx) => {
    await waitForLog(tx)
    const rows = await takeAllOver(tx, (parts.now ?? Date.now)())
    await replayEvents(tx, parts, { incarnation: 0, next: rows.map(({ next }) => next) })
  })
}
