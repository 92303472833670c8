import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { newId } from '../../../platform/ids.ts'
import { partitionOf } from '../../../platform/log/partition.ts'
import { LogUnavailable } from '../../../platform/log/port.ts'
import type { Sql } from '../../../platform/sql/port.ts'
import { entities } from '../entities.ts'
import { commandOf, testDatabase, userPayload } from '../fixture.testing.ts'
import { takeOver } from '../ownership/progress.ts'
import { openStage, type Stage } from '../testing/world.testing.ts'
import { discard, openDeadLetters, readDeadLetter, requeue } from './dead-letters.ts'
import { createDecider } from './decide.ts'

describe('dead letters', () => {
  let database: { sql: Sql; drop(): Promise<void> }
  let stage: Stage
  let sql: Sql
  const command = commandOf('user.create', newId(), userPayload('anna'), { keyed: true })
  const P = partitionOf(command.root)

  beforeAll(async () => {
    database = await testDatabase()
    sql = database.sql
  })
  beforeEach(async () => {
    stage = await openStage(sql)
    await stage.log.append('commands', [
      { partition: P, key: command.root, value: JSON.stringify({ ...command, payload: null }) },
      { partition: P, key: 'k\u0000', value: 'rub\u0000bish \ud800' },
      { partition: P, key: command.root, value: JSON.stringify(command) },
    ])
    // The rules of the day throw at it; those of another day will not.
    await decideAll((): never => {
      throw new Error('a bug')
    })
  })
  afterEach(() => stage.close())
  afterAll(() => database.drop())

  async function decideAll(decide?: () => never): Promise<(string | null)[]> {
    const definitions = entities.map((one) => (decide ? { ...one, rules: { ...one.rules, decide } } : one))
    const { next, epoch } = await takeOver(sql, P, Date.now())
    const records = await stage.read(P, next, 500)
    const batches = await createDecider(sql, definitions, 1).decide(P, epoch, records)
    return batches.flatMap(({ decided }) => decided.map(({ outcome }) => outcome.rejection?.code ?? null))
  }
  const ends = async () => (await stage.log.describe('commands')).ends[P]

  test('are listed with their reasons, as far as text can show them', async () => {
    const letters = await openDeadLetters(sql)
    expect(letters.map(({ position, reason }) => [position, reason])).toEqual([
      [0, expect.stringContaining('its payload does not fit')],
      [1, 'it is not JSON'],
      [2, 'the rules threw: a bug'],
    ])
    expect(letters[1]).toMatchObject({ key: 'k\\u0000', value: 'rub\\u0000bish \ufffd', commandId: null })
    expect(letters[2]).toMatchObject({ commandId: command.id, code: 'command.failed', requeuedAs: null })
  })

  test('one is sent again as a new command, at the end of the log, and dealt with', async () => {
    const id = await requeue(sql, stage.log, await readDeadLetter(sql, P, 2))
    expect(id).not.toBe(command.id)
    expect(await decideAll()).toEqual([null])
    expect(await sql.query('SELECT id FROM users')).toEqual([{ id: command.entity }])
    expect((await openDeadLetters(sql)).map(({ position }) => position)).toEqual([0, 1])
    await expect(requeue(sql, stage.log, await readDeadLetter(sql, P, 2))).rejects.toThrow(
      `sent again already, as ${id}`,
    )
  })

  test('one that the log did not take is not dealt with, and is sent again in the end', async () => {
    const letter = await readDeadLetter(sql, P, 2)
    const down = { ...stage.log, append: async () => Promise.reject(new LogUnavailable('away', 'no')) }
    await expect(requeue(sql, down, letter)).rejects.toThrow('away')
    expect(await openDeadLetters(sql)).toHaveLength(3)
    await requeue(sql, stage.log, letter)
    expect(await decideAll()).toEqual([null])
  })

  test('one that two people send again at once is decided once', async () => {
    const letter = await readDeadLetter(sql, P, 2)
    const ids = await Promise.all([requeue(sql, stage.log, letter), requeue(sql, stage.log, letter)])
    expect(ids[0]).toBe(ids[1])
    expect(await ends()).toBe(5)
    await decideAll()
    const rows = await sql.query('SELECT version FROM users')
    expect(rows).toEqual([{ version: 1 }])
    expect(await sql.query('SELECT 1 FROM outcomes WHERE NOT first')).toHaveLength(1)
  })

  test('one that no command can be read from is refused with a sentence', async () => {
    await expect(requeue(sql, stage.log, await readDeadLetter(sql, P, 1))).rejects.toThrow('it is not JSON; discard it')
    expect(await ends()).toBe(3)
  })

  test('one that is discarded is listed no more, is kept, and is not sent again', async () => {
    await discard(sql, await readDeadLetter(sql, P, 1))
    expect((await openDeadLetters(sql)).map(({ position }) => position)).toEqual([0, 2])
    const letter = await readDeadLetter(sql, P, 1)
    expect(letter.discarded).toBe(true)
    await expect(requeue(sql, stage.log, letter)).rejects.toThrow('was discarded')
    await expect(discard(sql, letter)).rejects.toThrow('was discarded')
  })

  test('one that is not there is a sentence', async () => {
    await expect(readDeadLetter(sql, P, 99)).rejects.toThrow('npm run dlq -- list')
  })
})
