import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openBus } from '../../../platform/bus/mod.ts'
import { openCache } from '../../../platform/cache/mod.ts'
import type { Command, Outcome, Position } from '../../../platform/commands/command.ts'
import { openLog } from '../../../platform/log/mod.ts'
import { partitionOf } from '../../../platform/log/partition.ts'
import type { LogRecord } from '../../../platform/log/port.ts'
import type { Sql } from '../../../platform/sql/port.ts'
import { emptied } from '../fixture.testing.ts'
import { type MemoryMongo, memoryMongo } from '../following/mongo.testing.ts'
import { audit } from './audit.testing.ts'
import type { World } from './process.testing.ts'

/** The parts of a system that outlive its processes: all empty, embedded, and watched. */
export interface Stage extends Omit<World, 'hazard'> {
  mongo: MemoryMongo | null
  /** What was put onto `events`, in the order of the acknowledgements. */
  readonly appended: Outcome[]
  /** The commands of a partition that are there now. */
  read(partition: number, from: number, limit?: number): Promise<LogRecord[]>
  send(...commands: readonly (Command | string)[]): Promise<Position[]>
  audit(partitions: readonly number[]): Promise<void>
  close(): Promise<void>
}

/** @param sql migrated; what it holds is thrown away */
export async function openStage(sql: Sql, mongo: MemoryMongo | null = memoryMongo()): Promise<Stage> {
  await emptied(sql)
  const directory = await mkdtemp(join(tmpdir(), 'trefoil-consumer-'))
  const [log, cache, bus] = [await openLog({ directory }), await openCache(), await openBus()]
  const appended: Outcome[] = []
  return {
    ...{ sql, log, cache, bus, mongo, appended },
    onEvents: (outcomes) => void appended.push(...outcomes),
    async read(partition, from, limit = 500) {
      const { ends } = await log.describe('commands')
      return log.read('commands', partition, from, Math.min(limit, ends[partition]! - from))
    },
    async send(...commands) {
      const records = commands.map((command) => {
        const [key, value] = typeof command === 'string' ? ['', command] : [command.root, JSON.stringify(command)]
        return { partition: partitionOf(key), key, value }
      })
      const offsets = await log.append('commands', records)
      return records.map(({ partition }, index) => ({ partition, offset: offsets[index]! }))
    },
    audit: (partitions) => audit({ sql, log, mongo, partitions, appended }),
    async close() {
      await Promise.all([log.close(), cache.close(), bus.close()])
      await rm(directory, { recursive: true, force: true })
    },
  }
}
