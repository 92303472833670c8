import type { Log } from '../../../platform/log/port.ts'
import type { Sql } from '../../../platform/sql/port.ts'
import { NotTold, readTold } from '../events/reader.ts'
import { readIncarnation } from '../ownership/log-check.ts'
import { LogMismatch } from '../ownership/log-mismatch.ts'
import { holdProgress, readCursors } from '../ownership/progress.ts'
import { type ReplayParts, replayEvents, type Standing } from './replay.ts'

export interface CatchUpParts extends ReplayParts {
  /** A database that has followed this log before. */
  sql: Sql
}

/**
 * Brings a database that is an older copy of itself (a backup that was restored, a replica that took over) up to what was
 * told since; does nothing to one that knows everything. Who owns a partition meanwhile is fenced. Of several processes that
 * begin at once, one does it and the others wait for it.
 * @throws LogMismatch where it has decided what was never told: then it is no copy of what told it
 */
export async function catchUpWithEvents({ sql, ...parts }: CatchUpParts): Promise<void> {
  const { log, onProgress, now = Date.now } = parts
  if (!(await isBehind(log, await standingOf(sql)))) return
  try {
    await sql.transaction(async (tx) => {
      const next = (await holdProgress(tx, now())).map((row) => row.next)
      const standing = { incarnation: await readIncarnation(tx), next }
      if (!(await isBehind(log, standing))) return // another process has done it
      onProgress('The database is an older copy: catching up with what was told since')
      await replayEvents(tx, parts, standing)
    })
  } catch (error) {
    if (!(error instanceof NotTold)) throw error
    throw new LogMismatch(
      `${error.message}: it is no older copy of the one that told it. ` +
        'Point DATABASE_URL at that one, or stop every process and make this one again with npm run rebuild.',
    )
  }
}

const standingOf = async (sql: Sql): Promise<Standing> => ({
  incarnation: await readIncarnation(sql),
  next: await readCursors(sql, 'next_offset'),
})

async function isBehind(log: Log, { incarnation, next }: Standing): Promise<boolean> {
  const told = await Promise.all(next.map((_, partition) => readTold(log, partition, incarnation)))
  return told.some((one, partition) => one.incarnation > incarnation || (one.next ?? 0) > next[partition]!)
}
