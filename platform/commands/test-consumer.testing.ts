import type { Bus } from '../bus/port.ts'
import { partitionOf } from '../log/partition.ts'
import type { Log } from '../log/port.ts'
import type { Sql } from '../sql/port.ts'
import { createTurns } from '../waiting.ts'
import type { Command, Entity, Outcome, Rejection } from './command.ts'
import { formatWatermark, WATERMARK_CHANNEL } from './watermarks/message.ts'
import type { Mark } from './watermarks/watermarks.ts'

/** The row of a command id that was seen before. */
type First = { partition: number; offset: number; hash: string; version: number | null }

/** What a test's command asks for: a leaf with these fields, an outcome of its own, or that nothing happens. */
export type LeafPayload = {
  name?: string
  reject?: Rejection
  /** Nothing has to change: this is the entity as it is. */
  asIs?: Entity
  removed?: boolean
  password?: string
}

/**
 * A consumer for the tests of the edge: one command at a time, and the simplest rules that can be. The engine that
 * runs in earnest is in services/consumer.
 */
export async function startTestConsumer({ log, sql, bus }: { log: Log; sql: Sql; bus: Bus }) {
  const held = new Set<'all' | Mark>()
  const inTurn = createTurns() // across partitions too
  let release = Promise.resolve()
  let open = () => {}

  async function decide(partition: number, offset: number, command: Command<LeafPayload>): Promise<void> {
    const [earlier] = await sql.query<First>(
      'SELECT partition, position AS offset, hash, version FROM outcomes WHERE command_id = $1 AND first',
      [command.id],
    )
    const { outcome, version } = earlier ? repeat(earlier) : judge()
    await sql.query(
      `INSERT INTO outcomes (partition, position, command_id, first, actor, hash, entity_id, version, rejection, record, after)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '{}')`,
      [
        partition,
        offset,
        command.id,
        !earlier,
        command.actor.id,
        command.hash,
        command.entity,
        version,
        outcome.rejection?.code ?? null,
        outcome,
      ],
    )

    function repeat(first: First) {
      if (first.hash !== command.hash)
        return { outcome: outcomeOf({ rejection: { code: 'idempotency.reused' } }), version: null }
      const { partition, offset, version } = first
      return { outcome: outcomeOf({ repeats: { partition, offset } }), version }
    }

    function judge() {
      const { reject, asIs, removed, name } = command.payload
      if (reject) return { outcome: outcomeOf({ rejection: reject }), version: null }
      if (asIs) return { outcome: outcomeOf({ entityAsIs: asIs }), version: asIs.version }
      const version = (command.expectedVersion ?? 0) + 1
      const { entity: id, at } = command
      const data = { id, version, createdAt: at, updatedAt: at, name, ...(removed && { deleted: true }) }
      return {
        outcome: outcomeOf({ events: [{ type: 'leaf.made', schema: 1, kind: 'leaf', id, version, data }] }),
        version,
      }
    }

    function outcomeOf(what: Partial<Outcome>): Outcome {
      const { id, type, entity, actor, hash, at, request } = command
      return {
        v: 1,
        incarnation: 1,
        partition,
        offset,
        command: id,
        type,
        entity,
        actor: actor.id,
        hash,
        at,
        request,
        events: [],
        ...what,
      }
    }
  }

  async function move(partition: number, next: number): Promise<void> {
    const to = { decided: held.has('decided') ? 0 : next, served: held.has('served') || held.has('decided') ? 0 : next }
    const [row] = await sql.query<{ epoch: number; decided: number; served: number }>(
      `UPDATE consumer_progress SET next_offset = $2, decided = greatest(decided, $3), served = greatest(served, $4)
        WHERE partition = $1 RETURNING epoch, decided, served`,
      [partition, next, to.decided, to.served],
    )
    bus.publish(WATERMARK_CHANNEL, formatWatermark({ partition, ...row! }))
  }

  const consumption = await log.consume('commands', 'test', {
    assigned: async () => 0,
    async batch(partition, records) {
      for (const { offset, value } of records) {
        await release
        await inTurn(async () => {
          await decide(partition, offset, JSON.parse(value))
          await move(partition, offset + 1)
        })
      }
      return records.at(-1)!.offset + 1
    },
    revoked: async () => {},
  })

  return {
    /** Nothing is decided from now on; or all is, and this mark does not move. */
    hold(what: 'all' | Mark) {
      held.add(what)
      if (what === 'all')
        release = new Promise((resolve) => {
          open = resolve
        })
    },
    /** Goes on, and catches up. */
    async go() {
      held.clear()
      open()
      const rows = await sql.query<{ partition: number; next: number }>(
        'SELECT partition, next_offset AS next FROM consumer_progress',
      )
      for (const { partition, next } of rows) await move(partition, next)
    },
    async close() {
      open()
      await consumption.close()
    },
  }
}

/** Two keys that live in different partitions. */
export function apart(): [string, string] {
  const other = Array.from({ length: 100 }, (_, n) => `root-${n}`).find(
    (key) => partitionOf(key) !== partitionOf('root'),
  )
  return ['root', other!]
}
