import type { Outcome, Position } from '../../../platform/commands/command.ts'
import type { Log } from '../../../platform/log/port.ts'
import type { IncarnationMark } from '../events/reader.ts'

/** More than late copies can be in a row, so that the furthest of so many records is no late copy. */
const READ = 1000

/** Where the outcome of a position stands on `events`. */
export interface OnEvents {
  offset: number
  outcome: Outcome
}

/**
 * Looks an outcome up on `events`. There is no index, and none is needed: positions come in order, so the outcome of offset n
 * stands at n or, behind marks and copies, somewhat further; by as much as a look at n falls short. Where the owner of an
 * older database still appended one, that of the newer database is the one.
 */
export async function findOnEvents(log: Log, { partition, offset }: Position): Promise<OnEvents | undefined> {
  const { ends } = await log.describe('events')
  for (let at = offset; at < ends[partition]!; ) {
    const records = await log.read('events', partition, at, READ)
    if (records.length === 0) return undefined
    let furthest = -1
    let found: OnEvents | undefined
    for (const record of records) {
      const outcome = JSON.parse(record.value) as Outcome | IncarnationMark
      if ('mark' in outcome) continue
      const newer = found === undefined || outcome.incarnation > found.outcome.incarnation
      if (outcome.offset === offset && newer) found = { offset: record.offset, outcome }
      furthest = Math.max(furthest, outcome.offset)
    }
    if (found || furthest > offset) return found
    at = Math.max(records[records.length - 1]!.offset + 1, at + offset - furthest)
  }
  return undefined
}
