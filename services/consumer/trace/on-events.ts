import type { Outcome, Position } from '../../../platform/commands/command.ts'
import type { Log } from '../../../platform/log/port.ts'

/** More than late copies can be in a row, so that the furthest of so many records is no late copy. */
const READ = 1000

/** Where the outcome of a position stands on `events`. */
export interface OnEvents {
  offset: number
  outcome: Outcome
}

/**
 * Looks an outcome up on `events`. There is no index, and none is needed: positions come in order, so the outcome of offset n
 * stands at n or, behind marks and copies, somewhat further; by as much as a look at n falls short.
 */
export async function findOnEvents(log: Log, { partition, offset }: Position): Promise<OnEvents | undefined> {
  const { ends } = await log.describe('events')
  for (let at = offset; at < ends[partition]!; ) {
    const records = await log.read('events', partition, at, READ)
    if (records.length === 0) return undefined
    let furthest = -1
    for (const record of records) {
      const outcome = JSON.parse(record.value) as Partial<Outcome>
      if (outcome.offset === offset) return { offset: record.offset, outcome: outcome as Outcome }
      furthest = Math.max(furthest, outcome.offset ?? -1)
    }
    if (furthest > offset) return undefined
    at = Math.max(records[records.length - 1]!.offset + 1, at + offset - furthest)
  }
  return undefined
}
