import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Log } from '../../platform/log/port.ts'
import { type Sql, SqlError } from '../../platform/sql/port.ts'
import { deferred } from '../../platform/waiting.ts'
import { testDatabase } from './fixture.testing.ts'
import { LogMismatch } from './ownership/log-mismatch.ts'
import { openPartitionBench, P, type PartitionBench, user } from './testing/partition.testing.ts'
import { startProcess } from './testing/process.testing.ts'
import type { Stage } from './testing/world.testing.ts'

describe('an owned partition', () => {
  let database: { sql: Sql; drop(): Promise<void> }
  let bench: PartitionBench
  let stage: Stage
  let start: PartitionBench['start']
  let own: PartitionBench['own']
  let row: PartitionBench['row']

  beforeAll(async () => {
    database = await testDatabase()
  })
  beforeEach(async () => {
    bench = await openPartitionBench(database.sql)
    ;({ stage, start, own, row } = bench)
  })
  afterEach(() => bench.close())
  afterAll(() => database.drop())

  /** Decides all that is on the log, by an owner that is gone afterwards. */
  async function decided(...names: string[]): Promise<void> {
    await stage.send(...names.map(user))
    const own = await start().own(P, new AbortController().signal)
    const { ends } = await stage.log.describe('commands')
    const records = await stage.read(P, own.next, 500)
    await own.batch(records, new AbortController().signal)
    await expect.poll(row).toMatchObject({ served: ends[P] })
    await own.close()
  }

  test('is taken over once the parts answer, however long that takes', async () => {
    let tries = 0
    const owner = start((call) =>
      /take-over|describe/.test(call) || call.startsWith('sql progress')
        ? tries++ < 5
          ? 'fail'
          : undefined
        : undefined,
    )
    await own(owner)
    expect(tries).toBeGreaterThan(5)
    expect((await row()).epoch).toBeGreaterThan(0)
  })

  test('that is lost while it is taken over is let go: nothing goes on behind it', async () => {
    const lost = new AbortController()
    const owner = start((call, when) => (call === 'sql progress-take-over' && when === 'after' ? 'sleep' : undefined))
    const taking = owner.own(P, lost.signal)
    await expect.poll(() => owner.asleep).toBe(true)
    lost.abort(new Error('lost'))
    owner.wake()
    await expect(taking).rejects.toThrow('lost')
    await stage.send(user('anna'))
    expect(await row()).toMatchObject({ next: 0 })
  })

  test('that is lost while its takeover fails is let go: the failure is nothing to end a process for', async () => {
    const lost = new AbortController()
    const sql: Sql = {
      ...stage.sql,
      async query() {
        lost.abort(new Error('lost'))
        throw new SqlError('gone', '08006')
      },
    }
    await expect(startProcess({ ...stage, sql, hazard: () => undefined }).own(P, lost.signal)).rejects.toThrow('lost')
  })

  test('that is lost as the last thing before it begins is let go', async () => {
    const lost = new AbortController()
    const log = {
      ...stage.log,
      describe: async (topic: 'commands' | 'events') => {
        if (topic === 'events') lost.abort(new Error('lost'))
        return stage.log.describe(topic)
      },
    }
    await expect(startProcess({ ...stage, log, hazard: () => undefined }).own(P, lost.signal)).rejects.toThrow('lost')
  })

  describe('is compared with the log before anything of it is published', () => {
    async function expectMismatch(sentence: string): Promise<void> {
      const appended = stage.appended.length
      const taking = own(start())
      await expect(taking).rejects.toThrow(LogMismatch)
      await expect(taking).rejects.toThrow(sentence)
      expect(stage.appended).toHaveLength(appended)
    }

    test('a log that has lost its end', async () => {
      await stage.sql.query('UPDATE consumer_progress SET next_offset = 5 WHERE partition = $1', [P])
      await expectMismatch('the log has lost its end')
    })

    test('a database that is an older copy than what was told', async () => {
      await decided('anna', 'boris')
      await stage.sql.query('UPDATE consumer_progress SET next_offset = 1, published = 0, decided = 0, served = 0')
      await expectMismatch('it is an older copy')
    })

    test('a database that was replaced by one that was rebuilt', async () => {
      await stage.log.append('events', [{ partition: P, key: 'mark', value: JSON.stringify({ v: 1, mark: 2 }) }])
      await expectMismatch('a database of incarnation 2 was rebuilt from events')
    })
  })

  test('whoever was overtaken while it compared is no older copy: it stands aside, and takes the partition over again', async () => {
    const lost = new AbortController()
    const slow = start((call, when) => (call === 'sql progress-take-over' && when === 'after' ? 'sleep' : undefined))
    const taking = slow.own(P, lost.signal)
    await expect.poll(() => slow.asleep).toBe(true)
    await decided('anna')
    slow.wake()
    expect(slow.asleep).toBe(false)
    await expect.poll(() => slow.asleep).toBe(true)
    lost.abort(new Error('lost'))
    slow.wake()
    await expect(taking).rejects.toThrow('lost')
  })

  test('events that have lost their end get it again from Postgres', async () => {
    await decided('anna', 'boris', 'clara')
    const kept = stage.appended.splice(1)
    const shorter = { ...stage.log }
    const { ends } = await stage.log.describe('events')
    let cut = 1
    shorter.describe = async (topic) => {
      const told = await stage.log.describe(topic)
      return topic === 'events' ? { ...told, ends: told.ends.with(P, Math.min(cut, told.ends[P]!)) } : told
    }
    const owner = startProcess({ ...stage, log: shorter, hazard: () => undefined })
    await own(owner)
    await expect.poll(() => stage.appended.length).toBe(3)
    cut = ends[P]!
    expect(stage.appended.slice(1)).toEqual(kept)
  })

  describe('is decided one batch ahead of what is published', () => {
    const never = new AbortController().signal

    /** An owner that appends nothing to `events` before the gate is open; one record is in its hand. */
    async function heldUp() {
      const gate = deferred<void>()
      const log: Log = {
        ...stage.log,
        append: async (...given) => gate.promise.then(() => stage.log.append(...given)),
      }
      await stage.send(user('anna'), user('boris'))
      const [first, second] = await stage.read(P, 0, 10)
      const own1 = await own(startProcess({ ...stage, log, hazard: () => undefined }))
      expect(await own1.batch([first!], never)).toBe(1)
      return { own1, second: second!, open: () => gate.resolve() }
    }

    test('so that what comes meanwhile is one batch', async () => {
      const { own1, second, open } = await heldUp()
      const done = vi.fn()
      const ahead = own1.batch([second], never).then(done)
      await expect.poll(row).toMatchObject({ next: 2, published: 0 })
      await row()
      expect(done).not.toHaveBeenCalled()
      open()
      await ahead
      expect(done).toHaveBeenCalledWith(2)
      await expect.poll(row).toMatchObject({ published: 2 })
    })

    test('and let go at once when it is lost meanwhile', async () => {
      const { own1, second, open } = await heldUp()
      const lost = new AbortController()
      const ahead = own1.batch([second], lost.signal)
      await expect.poll(row).toMatchObject({ next: 2 })
      lost.abort()
      expect(await ahead).toBe(2)
      open()
    })
  })

  test('a mismatch ends the process with its sentence', async () => {
    const owner = start()
    const own1 = await own(owner)
    await stage.send(user('anna'), user('boris'))
    const [first, second] = await stage.read(P, 0, 10)
    void own1.batch([first!, { ...second!, offset: 5 }], new AbortController().signal)
    await expect.poll(() => owner.fault?.message).toContain('has a hole')
  })

  test('closing is bounded, whatever hangs', async () => {
    const owner = start((call, when) => (call === 'log.append events' && when === 'before' ? 'sleep' : undefined))
    const own1 = await own(owner)
    await stage.send(user('anna'))
    await own1.batch(await stage.read(P, 0, 10), new AbortController().signal)
    await expect.poll(() => owner.asleep).toBe(true)
    await own1.close()
    owner.wake()
    await own1.close()
    expect(await row()).toMatchObject({ next: 1, decided: 0 })
  })
})
