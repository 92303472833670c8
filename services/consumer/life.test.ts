import process from 'node:process'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openWatermarks, type WatermarkFeed } from '../../platform/commands/watermarks/feed.ts'
import type { Log } from '../../platform/log/port.ts'
import { type Sql, SqlError } from '../../platform/sql/port.ts'
import { createLogger } from '../../platform/telemetry/log.ts'
import { type Clock, systemClock } from '../../platform/waiting.ts'
import { type RunningConsumer, startConsumer } from './consumer.ts'
import { entities } from './entities.ts'
import { commandOf, idIn, testDatabase, userPayload } from './fixture.testing.ts'
import { readCursors } from './ownership/progress.ts'
import { openStage, type Stage } from './testing/world.testing.ts'

describe('a consumer', () => {
  let database: { sql: Sql; drop(): Promise<void> }
  let stage: Stage
  let watermarks: WatermarkFeed
  let consumer: RunningConsumer | undefined
  const unhandled: unknown[] = []
  const onUnhandled = (error: unknown) => void unhandled.push(error)
  const logger = createLogger({ level: 'silent' })

  beforeAll(async () => {
    process.on('unhandledRejection', onUnhandled)
    database = await testDatabase()
  })
  beforeEach(async () => {
    stage = await openStage(database.sql)
    watermarks = openWatermarks({ ...stage, logger })
  })
  afterEach(async () => {
    await consumer?.close()
    watermarks.close()
    await stage.close()
    expect(unhandled).toEqual([])
  })
  afterAll(async () => {
    await database.drop()
    process.off('unhandledRejection', onUnhandled)
  })

  async function start(other: { log?: Log; sql?: Sql } = {}): Promise<RunningConsumer> {
    consumer = undefined
    consumer = await startConsumer({
      ...{ ...stage, ...other, watermarks, logger, clock },
      definitions: entities,
      onCacheReconnect: () => () => {},
      metrics: { decided() {}, took() {}, mark() {}, retried() {} },
    })
    return consumer
  }
  const user = (name: string) => commandOf('user.create', idIn(2), userPayload(name))
  let sleepers = 0
  const clock: Clock = {
    ...systemClock,
    async sleep(ms, signal) {
      sleepers++
      await systemClock.sleep(ms, signal)
      sleepers--
    },
  }
  const told = async () => {
    const { ends } = await stage.log.describe('commands')
    await expect.poll(() => readCursors(stage.sql, 'served'), { timeout: 15_000 }).toEqual(ends)
  }

  test('leaves nothing behind when it is closed', async () => {
    const running = await start()
    await stage.send(user('anna'))
    await told()
    expect(sleepers).toBeGreaterThan(0)
    await running.close()
    await running.close()
    expect(running.owned()).toEqual([])
    expect(sleepers).toBe(0)
  })

  test('leaves nothing behind where it cannot join', async () => {
    const closed: Log = { ...stage.log, consume: async () => Promise.reject(new Error('the log is closed')) }
    await expect(start({ log: closed })).rejects.toThrow('the log is closed')
    expect(sleepers).toBe(0)
  })

  test('ends with a sentence at a command of a newer schema, behind all that stands before it', async () => {
    const running = await start()
    await stage.send(user('anna'), { ...user('boris'), schema: 2 }, user('clara'))
    expect((await running.failed).message).toContain('user.create at 2:1 has schema 1.2')
    await running.close()
    expect(await readCursors(stage.sql, 'next_offset')).toEqual([0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    expect(await stage.sql.query('SELECT 1 FROM dead_letters')).toEqual([])
  })

  test('goes on where Postgres was away as it began', async () => {
    let away = 30
    const flaky: Sql = {
      ...stage.sql,
      async query(text, params, name) {
        if (name === 'progress-take-over' && away-- > 0) throw new SqlError('no connection', '08006')
        return stage.sql.query(text, params, name)
      },
    }
    await start({ sql: flaky })
    await stage.send(user('anna'))
    await told()
  })

  describe('refuses, before it has touched anything,', () => {
    async function expectRefusal(log: Log, sentence: string): Promise<void> {
      await expect(start({ log })).rejects.toThrow(sentence)
      expect(await readCursors(stage.sql, 'epoch')).toEqual(new Array(12).fill(0))
    }

    test('another log than the one that this database has followed', async () => {
      await (await start()).close()
      consumer = undefined
      await stage.sql.query('UPDATE consumer_progress SET epoch = 0')
      const describeOther = async (topic: 'commands' | 'events') => ({
        ...(await stage.log.describe(topic)),
        id: 'other',
      })
      await expectRefusal(
        { ...stage.log, describe: describeOther },
        'and is now given the log other: they do not belong together. Put back the one',
      )
    })

    test('a log of another number of partitions', async () => {
      const describeFewer = async (topic: 'commands' | 'events') => ({
        ...(await stage.log.describe(topic)),
        ends: [0, 0],
      })
      await expectRefusal({ ...stage.log, describe: describeFewer }, 'has 2 partitions and must have 12')
    })
  })

  test('ends where the log has lost its end, or told more than a database knows that never followed it', async () => {
    await start()
    await stage.send(user('anna'), user('boris'))
    await told()
    await consumer!.close()
    await stage.sql.query('UPDATE consumer_progress SET next_offset = 9 WHERE partition = 2')
    expect((await (await start()).failed).message).toContain('the log has lost its end')
    await consumer!.close()
    await stage.sql.query(`DELETE FROM system WHERE name = 'log'`)
    await stage.sql.query(
      'UPDATE consumer_progress SET next_offset = 1, published = 1, decided = 1, served = 1 WHERE partition = 2',
    )
    for (const again of [1, 2]) {
      await expect(start(), `start ${again}`).rejects.toThrow('has never followed this log')
    }
    expect(await stage.sql.query(`SELECT FROM system WHERE name = 'log'`)).toEqual([])
  })
})
