import process from 'node:process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createChance } from '../../platform/reads/simulation/chance.testing.ts'
import type { Sql } from '../../platform/sql/port.ts'
import { systemClock } from '../../platform/waiting.ts'
import { testDatabase } from './fixture.testing.ts'
import { memoryMongo } from './following/mongo.testing.ts'
import { readCursors } from './ownership/progress.ts'
import { createCommands, PLAYED } from './testing/commands.testing.ts'
import { createGroup } from './testing/group.testing.ts'
import { startReaders } from './testing/readers.testing.ts'
import { openStage } from './testing/world.testing.ts'

// Consumers that die, sleep, lose answers and partitions at random awaits, under commands that get in each other's way,
// and readers who believe what they are told. A seed fixes the draws, and not the order in which they are drawn: that is the
// machine's, so each run is another history.

const SEEDS = 30
const COMMANDS = 120

describe('whatever happens', () => {
  let database: { sql: Sql; drop(): Promise<void> }
  const unhandled: unknown[] = []
  const onUnhandled = (error: unknown) => void unhandled.push(error)

  beforeAll(async () => {
    process.on('unhandledRejection', onUnhandled)
    database = await testDatabase()
  })
  afterAll(async () => {
    await database.drop()
    process.off('unhandledRejection', onUnhandled)
  })

  test.each(Array.from({ length: SEEDS }, (_, seed) => seed))(
    'each command has one outcome, and all that is kept is the fold of them (seed %i)',
    async (seed) => {
      const chance = createChance(seed)
      const stage = await openStage(database.sql, seed % 3 === 0 ? null : memoryMongo())
      const readers = startReaders(stage, chance)
      const group = createGroup(stage, chance, PLAYED)
      const command = createCommands(chance)

      for (let sent = 0; sent < COMMANDS; ) {
        const records = Array.from({ length: chance.between(1, 8) }, command)
        await stage.log.append('commands', records)
        sent += records.length
        group.tend()
        await systemClock.sleep(chance.between(0, 10))
      }
      for (let round = 0; round < 100; round++) {
        group.tend()
        await systemClock.sleep(2)
      }

      const { ends } = await stage.log.describe('commands')
      const caughtUp = async () => {
        group.calm()
        return readCursors(stage.sql, 'served')
      }
      await expect.poll(caughtUp, { timeout: 60_000, interval: 10 }).toEqual(ends)
      await readers.close()
      await group.close()
      expect(group.faults.filter(({ name }) => name !== 'Fenced')).toEqual([])
      expect(readers.complaints).toEqual([])
      await stage.audit(PLAYED)
      expect(unhandled).toEqual([])
      await stage.close()
    },
    120_000,
  )
})
