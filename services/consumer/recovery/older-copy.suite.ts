import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { newId } from '../../../platform/ids.ts'
import { type Log, type LogRecord, PARTITIONS } from '../../../platform/log/port.ts'
import type { Sql } from '../../../platform/sql/port.ts'
import { entities } from '../entities.ts'
import { readTold } from '../events/reader.ts'
import { commandOf, emptied, userPayload } from '../fixture.testing.ts'
import { readIncarnation } from '../ownership/log-check.ts'
import { LogMismatch } from '../ownership/log-mismatch.ts'
import { appendAll, decideAll, historyOf, tables } from '../testing/recovery.testing.ts'
import { catchUpWithEvents } from './older-copy.ts'

type Database = { sql: Sql; drop(): Promise<void> }

/** What is promised of a database that was restored, or replaced by a replica that lagged. */
export function olderCopySuite(name: string, openLog: () => Promise<Log>, database: () => Promise<Database>): void {
  describe(`a database that is an older copy (${name})`, () => {
    const history = historyOf()
    let log: Log
    let records: LogRecord[]
    /** Has decided and told everything. */
    let lost: Database
    let copy: Database
    let sql: Sql

    beforeAll(async () => {
      log = await openLog()
      lost = await database()
      copy = await database()
      sql = copy.sql
      records = await appendAll(log, history)
      await decideAll(log, lost.sql, records)
    }, 180_000)
    beforeEach(() => emptied(sql))
    afterAll(async () => {
      await log.close()
      await lost.drop()
      await copy.drop()
    })

    const copied = (count: number) => decideAll(null, sql, records.slice(0, count))
    const catchUp = (onProgress: (line: string) => void = () => {}) =>
      catchUpWithEvents({ log, sql, definitions: entities, onProgress })
    async function stateOf({ sql }: Database): Promise<Record<string, unknown>> {
      const state: Record<string, unknown> = {}
      for (const [what, statement] of tables) state[what] = await sql.query(statement)
      return state
    }
    const marks = async () => (await log.describe('events')).ends.reduce((sum, end) => sum + end)

    // 3: a name is with another user at the end. 4: it is with nobody.
    test.each([0, 3, 4, 8, history.length - 1])('taken after %i commands is brought up to date', async (count) => {
      await copied(count)
      await catchUp()
      expect(await stateOf(copy)).toEqual(await stateOf(lost))
      const numbers = await sql.query<{ n: number }>(`SELECT nextval('project_number') AS n`)
      expect(numbers).toEqual([{ n: 2 }])
    })

    test('goes on under an incarnation of its own, and is no older copy any more', async () => {
      await copied(3)
      await catchUp()
      const incarnation = await readIncarnation(sql)
      for (let partition = 0; partition < PARTITIONS; partition++) {
        expect((await readTold(log, partition, incarnation)).incarnation).toBe(incarnation)
      }
      const before = await marks()
      await catchUp()
      expect(await marks()).toBe(before)
    })

    test('is caught up with once, whoever begins', async () => {
      await copied(3)
      const before = await marks()
      await Promise.all([catchUp(), catchUp()])
      expect(await marks()).toBe(before + PARTITIONS)
      expect(await stateOf(copy)).toEqual(await stateOf(lost))
    })

    test('fences who owns it, and leaves the mark of MongoDB to its next owners', async () => {
      await copied(3)
      const epochs = () => sql.query<{ epoch: number; served: number }>('SELECT epoch, served FROM consumer_progress')
      const before = await epochs()
      await catchUp()
      for (const [partition, { epoch, served }] of (await epochs()).entries()) {
        expect(epoch).toBeGreaterThan(before[partition]!.epoch)
        expect(served).toBe(before[partition]!.served)
      }
    })

    test('is as it was where that is cut short, and is caught up with at the next start', async () => {
      await copied(3)
      const before = await stateOf(copy)
      const cut = catchUp((line) => {
        if (line.startsWith('The database is as')) throw new Error('cut short') // the last thing before the commit
      })
      await expect(cut).rejects.toThrow('cut short')
      expect(await stateOf(copy)).toEqual(before)
      await catchUp()
      expect(await stateOf(copy)).toEqual(await stateOf(lost))
    })

    test('that has decided what was never told is left alone', async () => {
      await copied(3)
      await sql.query('UPDATE consumer_progress SET next_offset = 100 WHERE partition = $1', [
        records.at(-1)!.partition,
      ])
      const before = await stateOf(copy)
      await expect(catchUp()).rejects.toThrow(LogMismatch)
      expect(await stateOf(copy)).toEqual(before)
    })

    test('is none while its owner goes on: what it tells was committed before', async () => {
      await copied(history.length)
      await catchUp()
      const incarnation = await readIncarnation(sql)
      const more = commandOf('user.create', newId(), userPayload('later'))
      const epochs = () => sql.query('SELECT epoch FROM consumer_progress ORDER BY partition')
      let owned: Promise<unknown> | undefined
      const busy: Log = {
        ...log,
        async describe(topic) {
          owned ??= appendAll(log, [more])
            .then((added) => decideAll(log, sql, added, incarnation))
            .then(epochs)
          await owned
          return log.describe(topic)
        },
      }
      await catchUpWithEvents({ log: busy, sql, definitions: entities, onProgress: () => {} })
      expect(await readIncarnation(sql)).toBe(incarnation)
      expect(await epochs()).toEqual(await owned) // nobody is fenced
    })
  })
}
