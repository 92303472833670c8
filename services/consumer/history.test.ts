import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openBus } from '../../platform/bus/mod.ts'
import { openCache } from '../../platform/cache/mod.ts'
import { openLog } from '../../platform/log/mod.ts'
import type { NewRecord } from '../../platform/log/port.ts'
import { createChance } from '../../platform/reads/simulation/chance.testing.ts'
import type { Sql } from '../../platform/sql/port.ts'
import { systemClock } from '../../platform/waiting.ts'
import { emptied, testDatabase } from './fixture.testing.ts'
import { audit } from './history/audit.testing.ts'
import { createCommands, PLAYED } from './history/commands.testing.ts'
import { createGroup } from './history/group.testing.ts'
import { startReaders } from './history/readers.testing.ts'
import { memoryMongo } from './mongo.testing.ts'
import { readCursors } from './progress.ts'

// Consumers that die, sleep, lose answers and partitions at random awaits, under commands that get in each other's way.

const SEEDS = 30
const COMMANDS = 120

describe('whatever happens', () => {
  let database: { sql: Sql; drop(): Promise<void> }
  let directory: string

  beforeAll(async () => {
    database = await testDatabase()
    directory = await mkdtemp(join(tmpdir(), 'trefoil-history-'))
  })
  afterAll(async () => {
    await database.drop()
    await rm(directory, { recursive: true, force: true })
  })

  test.each(Array.from({ length: SEEDS }, (_, seed) => seed))(
    'each command has one outcome, and all that is kept is the fold of them (seed %i)',
    async (seed) => {
      const { sql } = database
      await emptied(sql)
      const chance = createChance(seed)
      const log = await openLog({ directory: join(directory, String(seed)) })
      const [cache, bus, mongo] = [await openCache(), await openBus(), memoryMongo()]
      const appended: NewRecord[] = []
      const unhandled: unknown[] = []
      const onUnhandled = (error: unknown) => unhandled.push((error as Error).stack)
      process.on('unhandledRejection', onUnhandled)

      const readers = startReaders({ sql, cache, bus, mongo, chance, appended })
      const trouble = { fail: 0.02, lose: 0.02, die: 0.004, pause: 0.006 }
      const onEvents = (records: readonly NewRecord[]) => void appended.push(...records)
      const group = createGroup({ sql, log, cache, bus, mongo, chance, trouble, onEvents }, log, PLAYED)
      const command = createCommands(chance)

      for (let sent = 0; sent < COMMANDS; ) {
        const records = Array.from({ length: chance.between(1, 8) }, command)
        await log.append('commands', records)
        sent += records.length
        group.tend()
        await systemClock.sleep(chance.between(0, 10))
      }
      for (let round = 0; round < 100; round++) {
        group.tend()
        await systemClock.sleep(2)
      }

      const { ends } = await log.describe('commands')
      await expect
        .poll(
          async () => {
            group.calm()
            return readCursors(sql, 'served')
          },
          { timeout: 15_000, interval: 10 },
        )
        .toEqual(ends)
      await readers.close()
      await group.close()
      expect(group.faults.filter(({ name }) => name !== 'Fenced')).toEqual([])
      expect(readers.complaints).toEqual([])
      await audit({ sql, log, mongo, partitions: PLAYED, appended })
      expect(unhandled).toEqual([])
      process.off('unhandledRejection', onUnhandled)
      await log.close()
    },
    30_000,
  )
})
