import { setImmediate } from 'node:timers/promises'
import type { Bus } from '../../../platform/bus/port.ts'
import type { Cache } from '../../../platform/cache/port.ts'
import type { Entity, Event, Outcome } from '../../../platform/commands/command.ts'
import { openWatermarks } from '../../../platform/commands/watermarks/feed.ts'
import { parseWatermark, WATERMARK_CHANNEL } from '../../../platform/commands/watermarks/message.ts'
import { partitionOf } from '../../../platform/log/partition.ts'
import { createReads } from '../../../platform/reads/mod.ts'
import type { Chance } from '../../../platform/reads/simulation/chance.testing.ts'
import type { Sql } from '../../../platform/sql/port.ts'
import { createLogger } from '../../../platform/telemetry/log.ts'
import { systemClock } from '../../../platform/waiting.ts'
import { entities } from '../entities.ts'
import type { MemoryMongo } from '../following/mongo.testing.ts'
import { hurriedClock, POLL_MS } from './process.testing.ts'

export interface ReadersParts {
  sql: Sql
  cache: Cache
  bus: Bus
  mongo: MemoryMongo | null
  appended: readonly Outcome[]
}

/** Two instances of a service that read through the cache, and note where they see less than was told, or what is not true. */
export interface Readers {
  readonly complaints: readonly string[]
  close(): Promise<void>
}

export function startReaders(parts: ReadersParts, chance: Chance): Readers {
  const { bus, appended } = parts
  const complaints: string[] = []
  const told = new Map<string, Event>()
  const vanished = new Set<string>()
  let open = true

  bus.subscribe(WATERMARK_CHANNEL, (text) => {
    const marks = parseWatermark(text)!
    for (const { offset, events } of appended.filter(({ partition }) => partition === marks.partition)) {
      for (const event of events) {
        const { mark } = entities.find(({ kind }) => kind === event.kind)!
        const known = told.get(event.id)?.version ?? 0
        if (offset < marks[mark] && event.version > known) told.set(event.id, event)
      }
    }
  })

  const running = [read(1), read(2), watch()]

  /** The marks as the polls find them. */
  async function watch(): Promise<void> {
    while (open) {
      await systemClock.sleep(3)
      const rows = await parts.sql.query<Record<'partition' | 'published' | 'decided' | 'served', number>>(
        'SELECT partition, published, decided, served FROM consumer_progress',
      )
      for (const { partition, published, decided, served } of rows) {
        const end = Math.max(
          0,
          ...appended.filter((one) => one.partition === partition).map(({ offset }) => offset + 1),
        )
        if (Math.max(published, decided) > end)
          complaints.push(`${partition} says ${published}, ${decided}, events ${end}`)
        const here = parts.mongo ? (parts.mongo.served.get(partition) ?? 0) : decided
        if (served > Math.min(here, decided)) complaints.push(`${partition} says ${served}, MongoDB ${here}`)
      }
    }
  }

  async function read(instance: number): Promise<void> {
    const { sql, cache, mongo } = parts
    const logger = createLogger({ level: 'silent' })
    const watermarks = openWatermarks({ sql, bus, logger, clock: hurriedClock, pollMs: POLL_MS })
    const reads = createReads({ cache, watermarks, logger, loads: { deadlineMs: 60_000 } })
    const readers = new Map(
      entities.map(({ kind, table, mark, rootColumn }) => [
        kind,
        reads.entity({
          kind,
          partition: (entity) =>
            partitionOf(rootColumn === 'id' ? entity.id : (entity as Entity & { projectId: string }).projectId),
          async load(id) {
            if (mark === 'served' && mongo) return mongo.entities.get(id)
            return (await sql.query<{ data: Entity }>(`SELECT data FROM ${table} WHERE id = $1`, [id]))[0]?.data
          },
        }),
      ]),
    )
    while (open) {
      await setImmediate()
      const all = [...told.values()]
      const event = all[chance.between(0, all.length)]
      if (!event) continue
      const seen = await readers.get(event.kind)!.one(event.id)
      if (!seen && !event.data.deleted) vanished.add(event.id)
      if (seen && (seen.version < event.version || event.data.deleted)) {
        complaints.push(
          `instance ${instance} was told ${event.kind} ${event.id} of version ${event.version} and sees ${JSON.stringify(seen)}`,
        )
      }
    }
    watermarks.close()
  }

  return {
    complaints,
    async close() {
      open = false
      await Promise.all(running)
      // A removal may be seen before it is told; then it is told some time.
      for (const { id, data } of appended.flatMap(({ events }) => events)) if (data.deleted) vanished.delete(id)
      for (const id of vanished) complaints.push(`${id} was not there, though it was told and never removed`)
    },
  }
}
