import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Bus } from '../../platform/bus/port.ts'
import type { Cache } from '../../platform/cache/port.ts'
import type { Command, Outcome } from '../../platform/commands/command.ts'
import { openWatermarks, type WatermarkFeed } from '../../platform/commands/watermarks/feed.ts'
import { newId } from '../../platform/ids.ts'
import { partitionOf } from '../../platform/log/partition.ts'
import { type Log, PARTITIONS } from '../../platform/log/port.ts'
import type { Sql } from '../../platform/sql/port.ts'
import { createLogger } from '../../platform/telemetry/log.ts'
import { type ConsumerParts, type RunningConsumer, startConsumer } from './consumer.ts'
import { entities } from './entities.ts'
import { commandOf, userPayload } from './fixture.testing.ts'
import type { MongoProjection } from './following/projections/mongo.ts'
import { firstCopies } from './testing/audit.testing.ts'

export interface ConsumerFixture {
  sql: Sql
  log: Log
  cache: Cache
  bus: Bus
  mongo: MongoProjection | null
  drop(): Promise<void>
}

/** What the running consumer promises, over any set of parts. */
export function consumerSuite(name: string, open: () => Promise<ConsumerFixture>): void {
  describe(`consumer (${name})`, { timeout: 120_000 }, () => {
    let parts: ConsumerFixture
    let watermarks: WatermarkFeed
    let consumer: RunningConsumer
    const logger = createLogger({ level: 'silent' })

    const start = (given: Partial<ConsumerParts> = {}) =>
      startConsumer({
        ...parts,
        ...given,
        watermarks,
        definitions: entities,
        logger,
        onCacheReconnect: () => () => {},
        metrics: { decided() {}, took() {}, mark() {}, retried() {} },
      })
    const epochs = async () =>
      (await parts.sql.query<{ epoch: number }>('SELECT epoch FROM consumer_progress')).map(({ epoch }) => epoch)
    const append = async (...commands: Command[]) => {
      const records = commands.map((command) => ({
        partition: partitionOf(command.root),
        key: command.root,
        value: JSON.stringify(command),
      }))
      const offsets = await parts.log.append('commands', records)
      return records.map(({ partition }, index) => ({ partition, offset: offsets[index]! }))
    }
    const told = (positions: Iterable<{ partition: number; offset: number }>) =>
      watermarks.reach(positions, 'served', 30_000)
    /** As a reader of `events` has them. */
    const published = async (): Promise<Outcome[]> => {
      const all = await Promise.all(
        Array.from({ length: PARTITIONS }, async (_, partition) => {
          const { ends } = await parts.log.describe('events')
          return parts.log.read('events', partition, 0, ends[partition]!)
        }),
      )
      return firstCopies(all.flat().map(({ value }) => JSON.parse(value) as Outcome))
    }

    beforeAll(async () => {
      parts = await open()
      watermarks = openWatermarks({ ...parts, logger })
      consumer = await start()
    }, 120_000)
    afterAll(async () => {
      await consumer.close()
      watermarks.close()
      await parts.drop()
    })

    test('a command is decided, published and told', async () => {
      const id = newId()
      const positions = await append(commandOf('user.create', id, userPayload('anna')))
      expect(await told(positions)).toBe(true)
      const [row] = await parts.sql.query('SELECT data FROM users WHERE id = $1', [id])
      expect(row?.data).toMatchObject({ username: 'anna', version: 1 })
      expect((await published()).find(({ entity }) => entity === id)).toMatchObject({
        ...positions[0],
        incarnation: 1,
        events: [{ type: 'user.created', kind: 'user', version: 1, data: { username: 'anna' } }],
      })
    })

    test('hundreds at once, over all partitions, each once and each published in the order of its partition', async () => {
      const commands = Array.from({ length: 300 }, (_, n) =>
        commandOf('user.create', newId(), userPayload(`crowd${n}`)),
      )
      expect(await told(await append(...commands))).toBe(true)
      const [count] = await parts.sql.query(`SELECT count(*)::int AS n FROM users WHERE username_key LIKE 'crowd%'`)
      expect(count?.n).toBe(300)
      const last = new Map<number, number>()
      for (const { partition, offset } of await published()) {
        expect(offset).toBe((last.get(partition) ?? -1) + 1)
        last.set(partition, offset)
      }
    })

    test('of many who want one name one gets it', async () => {
      const commands = Array.from({ length: 50 }, (_, n) =>
        commandOf('user.create', newId(), userPayload('wanted', { emailKey: `wanted${n}@x.org` })),
      )
      expect(await told(await append(...commands))).toBe(true)
      const rows = await parts.sql.query<{ rejection: string | null }>(
        'SELECT rejection FROM outcomes WHERE command_id = ANY($1::uuid[])',
        [commands.map(({ id }) => id)],
      )
      expect(rows.filter(({ rejection }) => rejection === null)).toHaveLength(1)
      expect(rows.filter(({ rejection }) => rejection === 'user.username_taken')).toHaveLength(49)
    })

    test('what was committed, but not published, by an owner that died is published by the next', async () => {
      await consumer.close()
      const id = newId()
      const [position] = await append(commandOf('user.create', id, userPayload('orphan')))
      const { createDecider } = await import('./decide/decide.ts')
      const { takeOver } = await import('./ownership/progress.ts')
      const { partition } = position!
      const taken = await takeOver(parts.sql, partition, Date.now())
      const records = await parts.log.read('commands', partition, taken.next, 10)
      await createDecider(parts.sql, entities, 1).decide(partition, taken.epoch, records)
      consumer = await start()
      expect(await told([position!])).toBe(true)
      expect((await published()).filter(({ entity }) => entity === id)).toHaveLength(1)
    })

    test('commands that arrive while no consumer runs are decided by the next', async () => {
      await consumer.close()
      const positions = await append(commandOf('user.create', newId(), userPayload('patient')))
      consumer = await start()
      expect(await told(positions)).toBe(true)
    })

    test('two consumers that fight for a partition decide each command once', async () => {
      const rival = await import('./ownership/progress.ts')
      const id = newId()
      const partition = partitionOf(id)
      await rival.takeOver(parts.sql, partition, Date.now()) // a second owner that does nothing
      await append(commandOf('user.create', id, userPayload('contested')))
      await consumer.close()
      consumer = await start()
      await vi.waitFor(
        async () => expect(await parts.sql.query('SELECT 1 FROM users WHERE id = $1', [id])).toHaveLength(1),
        30_000,
      )
    })

    test('without a cache it shuts that of the readers: nobody would refresh it', async () => {
      await consumer.close()
      consumer = await start({ cache: null })
      await expect.poll(epochs, { timeout: 30_000 }).toSatisfy((all: number[]) => all.every((epoch) => epoch % 2 === 1))
      expect(await told(await append(commandOf('user.create', newId(), userPayload('uncached'))))).toBe(true)
      await consumer.close()
      consumer = await start()
      await expect.poll(epochs, { timeout: 30_000 }).toSatisfy((all: number[]) => all.every((epoch) => epoch % 2 === 0))
    })

    test('on an older copy of its database it first catches up with what was told', async () => {
      const id = newId()
      const [position] = await append(commandOf('user.create', id, userPayload('later')))
      expect(await told([position!])).toBe(true)
      const user = () => parts.sql.query('SELECT data FROM users WHERE id = $1', [id])
      const before = await user()
      await consumer.close()
      const { partition, offset } = position!
      await parts.sql.query('DELETE FROM users WHERE id = $1', [id])
      await parts.sql.query('DELETE FROM outcomes WHERE partition = $1 AND position = $2', [partition, offset])
      await parts.sql.query(
        `UPDATE consumer_progress SET next_offset = $2, published = $2, decided = $2, served = $2 WHERE partition = $1`,
        [partition, offset],
      )
      consumer = await start()
      expect(await user()).toEqual(before)
      expect(await told(await append(commandOf('user.remove', id, {})))).toBe(true)
    })
  })
}
