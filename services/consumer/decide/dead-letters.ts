import type { Command } from '../../../platform/commands/command.ts'
import { commandRecord } from '../../../platform/commands/record.ts'
import { hashedId } from '../../../platform/ids.ts'
import type { Log } from '../../../platform/log/port.ts'
import type { Queryable } from '../../../platform/sql/port.ts'
import { readCommand } from './items.ts'
import { DEAD_IN_A_ROW } from './poison.ts'

/** A record that was set aside: it could not be read, or could not be applied whatever was tried. */
export interface DeadLetter {
  partition: number
  position: number
  commandId: string | null
  key: string
  value: string
  code: string
  reason: string
  at: string
  requeuedAs: string | null
  discarded: boolean
}

const COLUMNS = `partition, position, command_id AS "commandId", key, value, code, reason, at, requeued_as AS "requeuedAs", discarded`

/** Those that nobody has dealt with, oldest first. */
export const openDeadLetters = (sql: Queryable): Promise<DeadLetter[]> =>
  sql.query<DeadLetter & Record<string, unknown>>(
    `SELECT ${COLUMNS} FROM dead_letters WHERE requeued_as IS NULL AND NOT discarded ORDER BY at, partition, position LIMIT 1000`,
  )

export async function countOpenDeadLetters(sql: Queryable): Promise<number> {
  const [row] = await sql.query<{ count: number }>(
    'SELECT count(*)::int FROM dead_letters WHERE requeued_as IS NULL AND NOT discarded',
    [],
    'dead-letters-count',
  )
  return row?.count ?? 0
}

/** How many of them stand in a row at the end of these positions; no more are counted than stop a partition. */
export async function deadLettersBefore(sql: Queryable, partition: number, from: number, end: number): Promise<number> {
  const rows = await sql.query<{ position: number }>(
    `SELECT position FROM dead_letters WHERE partition = $1 AND position >= $2 AND position < $3
      ORDER BY position DESC LIMIT ${DEAD_IN_A_ROW}`,
    [partition, from, end],
  )
  const gap = rows.findIndex(({ position }, index) => position !== end - 1 - index)
  return gap < 0 ? rows.length : gap
}

export async function readDeadLetter(sql: Queryable, partition: number, position: number): Promise<DeadLetter> {
  const [letter] = await sql.query<DeadLetter & Record<string, unknown>>(
    `SELECT ${COLUMNS} FROM dead_letters WHERE partition = $1 AND position = $2`,
    [partition, position],
  )
  if (!letter) throw new Error(`There is no dead letter at ${partition}:${position}; see npm run dlq -- list.`)
  return letter
}

/**
 * Sends the command again, as a new one at the end of the log: its first outcome, a refusal, has been told and stays. The
 * new id comes from the letter, so that however often this is tried, it is decided once.
 * @returns the new command's id
 */
export async function requeue(sql: Queryable, log: Log, letter: DeadLetter): Promise<string> {
  const { partition, position, value } = letter
  refuseDealtWith(letter)
  const old = readCommand(value)
  if (typeof old === 'string') {
    throw new Error(`The dead letter at ${partition}:${position} cannot be sent again, because ${old}; discard it.`)
  }
  const command: Command = { ...old, id: hashedId('requeue', `${partition}:${position}`), keyed: false }
  await log.append('commands', [commandRecord(command)])
  await sql.query(
    'UPDATE dead_letters SET requeued_as = $3 WHERE partition = $1 AND position = $2 AND requeued_as IS NULL',
    [partition, position, command.id],
  )
  return command.id
}

/** Nothing is to be done about it: it is listed no more, and kept. */
export async function discard(sql: Queryable, letter: DeadLetter): Promise<void> {
  refuseDealtWith(letter)
  await sql.query('UPDATE dead_letters SET discarded = true WHERE partition = $1 AND position = $2', [
    letter.partition,
    letter.position,
  ])
}

function refuseDealtWith({ partition, position, requeuedAs, discarded }: DeadLetter): void {
  if (requeuedAs)
    throw new Error(`The dead letter at ${partition}:${position} was sent again already, as ${requeuedAs}.`)
  if (discarded) throw new Error(`The dead letter at ${partition}:${position} was discarded.`)
}
