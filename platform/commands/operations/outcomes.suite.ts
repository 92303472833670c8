import { readFile } from 'node:fs/promises'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { openMemoryBus } from '../../bus/memory.ts'
import { newId } from '../../ids.ts'
import type { Sql } from '../../sql/port.ts'
import type { Outcome } from '../command.ts'
import { openWatermarks } from '../watermarks/feed.ts'
import { operationSecret } from './operation-id.ts'
import { createOutcomes, type Outcomes } from './outcomes.ts'

const migration = new URL('../../../services/consumer/migrations/001_consumer.sql', import.meta.url)

/** What the edge reads from the consumer's tables, on any Postgres. */
export function outcomesSuite(name: string, open: () => Promise<{ sql: Sql; dispose(): Promise<void> }>): void {
  describe(`outcomes in ${name}`, () => {
    let sql: Sql
    let dispose: () => Promise<void>
    let outcomes: Outcomes
    beforeAll(async () => {
      ;({ sql, dispose } = await open())
      await sql.script(await readFile(migration, 'utf8'))
      outcomes = createOutcomes(sql)
    })
    afterAll(() => dispose())

    async function decide(partition: number, offset: number, command: string, first: boolean): Promise<Outcome> {
      const outcome = {
        v: 1,
        partition,
        offset,
        command,
        entity: newId(),
        events: [],
        at: 'Ünïcode "quoted"',
      } as unknown as Outcome
      await sql.query(
        `INSERT INTO outcomes (partition, position, command_id, first, hash, entity_id, version, record, after)
         VALUES ($1, $2, $3, $4, 'hash', $5, $6, $7, '{}')`,
        [partition, offset, command, first, outcome.entity, first ? 3 : null, outcome],
      )
      return outcome
    }

    test('are found by position, many at once', async () => {
      const far = 2 ** 40
      const made = await Promise.all([0, 1, far].map((offset) => decide(offset % 12, offset, newId(), true)))
      const found = await Promise.all(made.map((position) => outcomes.at(position)))
      expect(found).toEqual(made.map((outcome) => ({ outcome, version: 3, first: true })))
      expect(await outcomes.at({ partition: 1, offset: 0 })).toBeUndefined()
    })

    test('are found by command id, the first of each', async () => {
      const command = newId()
      const first = await decide(2, 100, command, true)
      const repeat = await decide(2, 101, command, false)
      expect(await outcomes.of(command)).toEqual({ outcome: first, version: 3, first: true })
      expect(await outcomes.at(repeat)).toEqual({ outcome: repeat, version: null, first: false })
      expect(await outcomes.of(newId())).toBeUndefined()
    })

    test('are followed by the watermarks that the table has', async () => {
      const watermarks = openWatermarks({ sql, bus: openMemoryBus(), logger: pino({ level: 'silent' }), pollMs: 250 })
      try {
        await sql.query('UPDATE consumer_progress SET decided = 8, served = 5, epoch = $1 WHERE partition = 3', [
          2 ** 41,
        ])
        expect(await watermarks.reach([{ partition: 3, offset: 7 }], 'decided', 10_000)).toBe(true)
        expect(watermarks.at(3, 'served')).toBe(5)
        await vi.waitFor(() => expect(watermarks.epochs()?.[3]).toBe(2 ** 41))
      } finally {
        watermarks.close()
      }
    })

    test('have operations signed with one secret, whoever comes first', async () => {
      const opened = await Promise.all([operationSecret(sql), operationSecret(sql), operationSecret(sql)])
      expect(opened[0]).toHaveLength(32)
      expect(opened[1]).toEqual(opened[0])
      expect(opened[2]).toEqual(opened[0])
    })
  })
}
