import type { Command, Position } from '../../../platform/commands/command.ts'
import { operationSaid } from '../../../platform/commands/operations/operation-id.ts'
import { type Log, type LogRecord, PARTITIONS } from '../../../platform/log/port.ts'
import type { Queryable } from '../../../platform/sql/port.ts'
import { parseTraceparent, traceIdOf } from '../../../platform/telemetry/traceparent.ts'
import { readCommand } from '../decide/items.ts'
import { readCursors } from '../ownership/progress.ts'

/** A trace may be of a long story: these are shown. */
const MOST = 50
/** Records that are not decided yet, of one partition, in which a command is looked for. */
const UNDECIDED = 10_000
const READ = 500

/**
 * The commands of a request, a trace (its id, or a traceparent), an operation or a position (`PARTITION:OFFSET`): those
 * decided from `outcomes`, which are kept for seven days, those undecided from the log.
 */
export async function findCommands(sql: Queryable, log: Log, said: string): Promise<Position[]> {
  const position = positionOf(said)
  if (position) return (await isThere(log, position)) ? [position] : []
  const trace = traceOf(said)
  const named = [...(await decided(sql, 'request', said)), ...(trace ? await decided(sql, 'trace', trace) : [])]
  const asked = (command: Named) => command.request === said || (trace !== undefined && command.trace === trace)
  const all = [...named, ...(await undecided(sql, log, asked))]
  const operation = operationSaid(said)?.position
  if (all.length === 0 && operation && (await isThere(log, operation))) return [operation]
  return all.slice(0, MOST)
}

function positionOf(said: string): Position | undefined {
  const [, partition, offset] = /^(\d{1,2}):(\d{1,15})$/.exec(said) ?? []
  return offset === undefined ? undefined : { partition: Number(partition), offset: Number(offset) }
}

const traceOf = (said: string): string | undefined =>
  /^[\da-f]{32}$/.test(said) ? said : parseTraceparent(said)?.traceId

async function isThere(log: Log, { partition, offset }: Position): Promise<boolean> {
  if (partition >= PARTITIONS) return false
  const { ends } = await log.describe('commands')
  return offset < ends[partition]!
}

const BY = { request: `left(record->>'request', 100)`, trace: `substr(record->>'traceparent', 4, 32)` }

function decided(sql: Queryable, by: keyof typeof BY, value: string): Promise<Position[]> {
  return sql.query<{ partition: number; offset: number }>(
    `SELECT partition, position AS offset FROM outcomes WHERE ${BY[by]} = $1
      ORDER BY decided_at, partition, position LIMIT ${MOST}`,
    [value],
  )
}

interface Named {
  request: string | undefined
  trace: string | undefined
}

async function undecided(sql: Queryable, log: Log, asked: (named: Named) => boolean): Promise<Position[]> {
  const [next, { ends }] = await Promise.all([readCursors(sql, 'next_offset'), log.describe('commands')])
  const found: Position[] = []
  for (const [partition, end] of ends.entries()) {
    const last = Math.min(end, next[partition]! + UNDECIDED)
    for (let from = next[partition]!; from < last && found.length < MOST; ) {
      const records = await log.read('commands', partition, from, Math.min(READ, last - from))
      if (records.length === 0) break
      for (const record of records) if (asked(namedBy(record))) found.push({ partition, offset: record.offset })
      from = records[records.length - 1]!.offset + 1
    }
  }
  return found
}

/** By its headers, which records of before have not. */
function namedBy({ headers, value }: LogRecord): Named {
  if (headers.request !== undefined) return { request: headers.request, trace: traceIdOf(headers.traceparent) }
  const command: Command | string = readCommand(value)
  if (typeof command === 'string') return { request: undefined, trace: undefined }
  return { request: command.request, trace: traceIdOf(command.traceparent) }
}
