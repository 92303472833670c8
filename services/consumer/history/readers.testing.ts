import { setImmediate } from 'node:timers/promises'
import type { Bus } from '../../../platform/bus/port.ts'
import type { Cache } from '../../../platform/cache/port.ts'
import type { Entity, Event, Outcome } from '../../../platform/commands/command.ts'
import { openWatermarks } from '../../../platform/commands/watermark-feed.ts'
import { parseWatermark, WATERMARK_CHANNEL } from '../../../platform/commands/watermark-message.ts'
import { partitionOf } from '../../../platform/log/partition.ts'
import type { NewRecord } from '../../../platform/log/port.ts'
import { createReads } from '../../../platform/reads/mod.ts'
import type { Chance } from '../../../platform/reads/simulation/chance.testing.ts'
import type { Sql } from '../../../platform/sql/port.ts'
import { createLogger } from '../../../platform/telemetry/log.ts'
import { entities } from '../entities.ts'
import type { MemoryMongo } from '../mongo.testing.ts'
import { hurriedClock, POLL_MS } from './process.testing.ts'

export interface ReadersParts {
  sql: Sql
  cache: Cache
  bus: Bus
  mongo: MemoryMongo
  chance: Chance
  appended: readonly NewRecord[]
}

/** Two instances of a service that read through the cache, and note where they see less than was told, or what is not true. */
export interface Readers {
  readonly complaints: readonly string[]
  close(): Promise<void>
}

export function startReaders(parts: ReadersParts): Readers {
  const { bus, appended } = parts
  const complaints: string[] = []
  const told = new Map<string, Event>()
  const vanished = new Set<string>()
  let open = true

  bus.subscribe(WATERMARK_CHANNEL, (text) => {
    const marks = parseWatermark(text)!
    const known = new Map(
      appended
        .filter(({ partition }) => partition === marks.partition)
        .map((record) => {
          const outcome = JSON.parse(record.value) as Outcome
          return [outcome.offset, outcome]
        }),
    )
    if (marks.decided > 0 && !known.has(marks.decided - 1)) complaints.push(`${text} is not on events`)
    for (const event of [...known.values()].flatMap((outcome) => outcome.events.map((event) => ({ outcome, event })))) {
      const { mark } = entities.find(({ kind }) => kind === event.event.kind)!
      if (event.outcome.offset >= marks[mark]) continue
      if (event.event.version > (told.get(event.event.id)?.version ?? 0)) told.set(event.event.id, event.event)
    }
  })

  const running = [1, 2].map((instance) => read(instance))

  async function read(instance: number): Promise<void> {
    const { sql, cache, mongo, chance } = parts
    const logger = createLogger({ level: 'silent' })
    const watermarks = openWatermarks({ sql, bus, logger, clock: hurriedClock, pollMs: POLL_MS })
    const reads = createReads({ cache, watermarks, logger })
    const readers = new Map(
      entities.map(({ kind, table, mark, rootColumn }) => [
        kind,
        reads.entity({
          kind,
          partition: (entity) =>
            partitionOf(rootColumn === 'id' ? entity.id : (entity as Entity & { projectId: string }).projectId),
          async load(id) {
            if (mark === 'served') return mongo.entities.get(id)
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
      for (const { value } of appended) {
        for (const { id, data } of (JSON.parse(value) as Outcome).events) if (data.deleted) vanished.delete(id)
      }
      for (const id of vanished) complaints.push(`${id} was not there, though it was told and never removed`)
    },
  }
}
