import { type Log, PARTITIONS } from '../../../platform/log/port.ts'
import type { Queryable, Sql } from '../../../platform/sql/port.ts'
import { type Clock, systemClock } from '../../../platform/waiting.ts'
import { NotTold, readTold } from '../events/reader.ts'
import { readIncarnation } from '../ownership/log-check.ts'
import { LogMismatch } from '../ownership/log-mismatch.ts'
import { readCursors, takeAllOver } from '../ownership/progress.ts'
import { type ReplayParts, replayEvents, waitForLog } from './replay.ts'

/** Between two looks at what another process is doing. */
const LOOK_MS = 250

export interface CatchUpParts extends ReplayParts {
  /** A database that has followed this log before. */
  sql: Sql
  clock?: Clock
}

/**
 * Brings a database that is an older copy of itself (a backup that was restored, a replica that took over) up to what was
 * told since; does nothing to one that knows everything. Who owns a partition meanwhile is fenced. Of several processes that
 * begin at once, one does it and the others wait for it.
 * @throws LogMismatch where it has decided what was never told: then it is no copy of what told it
 */
export async function catchUpWithEvents(parts: CatchUpParts): Promise<void> {
  const { sql, log, clock = systemClock } = parts
  while (await isBehind(log, sql)) {
    if (await catchUpAlone(parts)) return
    await clock.sleep(LOOK_MS)
  }
}

/** False where another process is at it. */
async function catchUpAlone({ sql, ...parts }: CatchUpParts): Promise<boolean> {
  const { log, onProgress, now = Date.now } = parts
  try {
    return await sql.transaction(async (tx) => {
      const [lock] = await tx.query<{ got: boolean }>(
        `SELECT pg_try_advisory_xact_lock(hashtextextended('catch-up', 0)) AS got`,
      )
      if (!lock!.got) return false
      await waitForLog(tx)
      if (!(await isBehind(log, tx))) return true // another process has done it
      onProgress('The database is an older copy: catching up with what was told since')
      const next = (await takeAllOver(tx, now())).map((row) => row.next)
      await replayEvents(tx, parts, { incarnation: await readIncarnation(tx), next })
      return true
    })
  } catch (error) {
    if (!(error instanceof NotTold)) throw error
    throw new LogMismatch(
      `${error.message}: it is no older copy of the one that told it. ` +
        'Point DATABASE_URL at that one, or stop every process and make this one again with npm run rebuild.',
    )
  }
}

/** Whether more was told than this database knows. Its cursors are read last: what a living owner tells was committed before. */
export async function isBehind(log: Log, sql: Queryable): Promise<boolean> {
  const incarnation = await readIncarnation(sql)
  const partitions = Array.from({ length: PARTITIONS }, (_, partition) => partition)
  const told = await Promise.all(partitions.map((partition) => readTold(log, partition, incarnation)))
  const next = await readCursors(sql, 'next_offset')
  return told.some((one, partition) => one.incarnation > incarnation || (one.next ?? 0) > next[partition]!)
}
