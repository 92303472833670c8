import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Sql } from '../../platform/sql/port.ts'
import { testDatabase } from './fixture.testing.ts'
import { takeOver } from './ownership/progress.ts'
import type { OwnedPartition } from './partition.ts'
import { openPartitionBench, P, type PartitionBench, user } from './testing/partition.testing.ts'

describe('a fenced owner of a partition', () => {
  let database: { sql: Sql; drop(): Promise<void> }
  let bench: PartitionBench
  let lost: AbortController
  let lanes: Promise<void>[]

  beforeAll(async () => {
    database = await testDatabase()
  })
  beforeEach(async () => {
    lost = new AbortController()
    lanes = []
    bench = await openPartitionBench(database.sql)
  })
  afterEach(async () => {
    lost.abort()
    await Promise.all(lanes)
    await bench.close()
  })
  afterAll(() => database.drop())

  const feed = (own: OwnedPartition) => void lanes.push(bench.feed(own, lost.signal))
  const rival = () => takeOver(bench.stage.sql, P, Date.now())
  const served = (count: number) =>
    expect.poll(bench.row).toMatchObject({ next: count, published: count, served: count })
  const fenced = (said: readonly string[]) =>
    said.filter((line) => line.includes('has taken the partition over')).length

  test('by the late takeover of one that has lost the partition takes it back, and decides', async () => {
    const late = new AbortController()
    const former = bench.start((call, when) =>
      call === 'sql progress-take-over' && when === 'before' ? 'sleep' : undefined,
    )
    const taking = former.own(P, late.signal)
    await expect.poll(() => former.asleep).toBe(true)
    late.abort(new Error('lost'))
    const owner = bench.start()
    const own = await bench.own(owner)
    const { epoch } = await bench.row()
    former.wake()
    await expect(taking).rejects.toThrow('lost')
    expect((await bench.row()).epoch).toBeGreaterThan(epoch)
    await bench.stage.send(user('anna'))
    feed(own)
    await served(1)
    expect(fenced(owner.said)).toBe(1)
    expect(owner.fault).toBeUndefined()
  })

  test('takes the partition back although no record comes, and tells what it had decided', async () => {
    const owner = bench.start((call, when) => (call === 'log.append events' && when === 'before' ? 'sleep' : undefined))
    const own = await bench.own(owner)
    await bench.stage.send(user('anna'))
    expect(await own.batch(await bench.stage.read(P, 0), lost.signal)).toBe(1)
    await expect.poll(() => owner.asleep).toBe(true)
    await rival()
    owner.wake()
    await expect.poll(() => fenced(owner.said)).toBe(1)
    await expect.poll(() => owner.asleep).toBe(true)
    owner.wake()
    await served(1)
    expect(owner.fault).toBeUndefined()
  })

  test('by its own raise, the answer to which was lost, takes the partition back', async () => {
    let shuts = 0
    const owner = bench.start((call, when) => {
      if (call === 'cache.refresh' && shuts === 0) return 'fail'
      return call === 'sql progress-shut' && when === 'after' && shuts++ === 0 ? 'fail' : undefined
    })
    const own = await bench.own(owner)
    await bench.stage.send(user('anna'))
    feed(own)
    await served(1)
    expect(fenced(owner.said)).toBe(1)
    expect(owner.fault).toBeUndefined()
  })

  test('goes on where the other one has left off', async () => {
    const owner = bench.start()
    const own = await bench.own(owner)
    await bench.stage.send(user('anna'), user('boris'))
    const other = await bench.own(bench.start())
    await other.batch((await bench.stage.read(P, 0)).slice(0, 1), lost.signal)
    await served(1)
    feed(own)
    await served(2)
    expect(owner.fault).toBeUndefined()
  })

  test('a batch that is decided ahead of a publishing that stands still ends with the fence, and is decided by the next tenure', async () => {
    const owner = bench.start((call, when) => (call === 'log.append events' && when === 'before' ? 'sleep' : undefined))
    const own = await bench.own(owner)
    await bench.stage.send(user('anna'), user('boris'))
    const [first, second] = await bench.stage.read(P, 0)
    await own.batch([first!], lost.signal)
    await expect.poll(() => owner.asleep).toBe(true)
    const ahead = own.batch([second!], lost.signal)
    await rival()
    owner.wake()
    await expect.poll(() => fenced(owner.said)).toBe(1)
    await ahead
    owner.wake()
    await expect.poll(() => owner.asleep).toBe(true)
    owner.wake()
    feed(own)
    await expect
      .poll(async () => {
        owner.wake()
        return bench.row()
      })
      .toMatchObject({ served: 2 })
  })

  test('again and again ends its process', async () => {
    const owner = bench.start()
    feed(await bench.own(owner))
    let names = 0
    const disturbed = async () => {
      await rival()
      await bench.stage.send(user(`u${names++}`))
      return owner.fault?.name
    }
    await expect.poll(disturbed, { timeout: 20_000 }).toBe('Fenced')
    expect(fenced(owner.said)).toBeGreaterThan(1)
  })

  test('from whom the log takes the partition ends nothing', async () => {
    const owner = bench.start()
    const own = await bench.own(owner)
    await bench.stage.send(user('anna'))
    await rival()
    const { epoch } = await bench.row()
    const fed = own.batch(await bench.stage.read(P, 0), lost.signal)
    await expect.poll(() => fenced(owner.said)).toBe(1)
    lost.abort()
    expect(await fed).toBe(0)
    await own.close()
    expect(await bench.row()).toMatchObject({ next: 0, epoch })
    expect(owner.fault).toBeUndefined()
  })
})
