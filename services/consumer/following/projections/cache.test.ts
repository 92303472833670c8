import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Cache, CacheUnavailable, type Refresh } from '../../../../platform/cache/port.ts'
import { createSimulatedClock } from '../../../../platform/commands/clock.testing.ts'
import type { Entity } from '../../../../platform/commands/command.ts'
import { PARTITIONS } from '../../../../platform/log/port.ts'
import type { Sql } from '../../../../platform/sql/port.ts'
import { entities } from '../../entities.ts'
import { testDatabase } from '../../fixture.testing.ts'
import { Fenced, own } from '../../ownership/ownership.ts'
import { takeOver } from '../../ownership/progress.ts'
import { createCacheProjection } from './cache.ts'

// The rules are those of the protocol by which the cache never contradicts what was told; numbers as in its table.

let database: Awaited<ReturnType<typeof testDatabase>>
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database?.drop())

const owners = new Set<AbortController>()
afterEach(() => {
  for (const stop of owners) stop.abort(new Error('the test is over'))
  owners.clear()
})

const SETTLE_MS = 500
const odd = (epoch: number) => epoch % 2 === 1
let partition = -1

/** One owner of a partition of its own, over a cache that does what the test says. */
async function owner({ local = false }: { local?: boolean } = {}) {
  partition = (partition + 1) % PARTITIONS
  const clock = createSimulatedClock()
  const refreshed: Refresh[][] = []
  const trouble = { cache: false, raise: false }
  const listeners = new Set<() => void>()
  const stop = new AbortController()
  owners.add(stop)
  const answer = () => {
    if (trouble.cache) throw new CacheUnavailable('down')
  }
  const cache = {
    local,
    async read(keys: readonly string[]) {
      answer()
      return keys.map(() => null)
    },
    async refresh(all: readonly Refresh[]) {
      answer()
      refreshed.push([...all])
    },
  } as unknown as Cache
  const sql: Sql = {
    ...database.sql,
    query(text: string, ...rest: [unknown[]?, string?]) {
      if (trouble.raise && text.includes('SET epoch')) return Promise.reject(new Error('Postgres is away'))
      return database.sql.query(text, ...rest) as Promise<never[]>
    },
  }
  const ownership = await own(partition, { sql, clock, settleMs: SETTLE_MS })
  const onShut = vi.fn()
  const projection = createCacheProjection({
    cache,
    ownership,
    clock,
    signal: stop.signal,
    onCacheReconnect(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    epochs: () => new Array<number>(PARTITIONS).fill(2),
    onShut,
  })
  return {
    ...{ clock, refreshed, trouble, ownership, projection, stop, onShut, partition },
    reconnect: () => {
      for (const listener of listeners) listener()
    },
    /** Whether the mark may move now, without waiting for a time that stands still. */
    async moves(): Promise<boolean> {
      let moved = false
      const { sleepers } = clock
      void ownership.move({ decided: 1 }, stop.signal).then(
        () => {
          moved = true
        },
        () => undefined,
      )
      await vi.waitFor(() => expect(moved || clock.sleepers > sleepers).toBe(true))
      return moved
    },
  }
}

const entity = (kind: string, more: object = {}) => ({
  definition: entities.find((one) => one.kind === kind)!,
  entity: { id: 'x', version: 3, createdAt: '', updatedAt: '', ...more } as Entity,
})
const user = entity('user')
const task = entity('task', { projectId: 'p' })

test('what changed is refreshed under the owner’s epoch, and its lists get a new stamp', async () => {
  const { projection, refreshed, ownership, partition: own } = await owner()
  await projection.apply([user, task])
  const epoch = ownership.epoch()
  expect(refreshed[0]?.map(({ key, mode }) => [key, mode])).toEqual([
    ['user:x', 'newer'],
    ['task:x', 'newer'],
    ['stamp:users', 'always'],
    ['stamp:tasks:p', 'always'],
  ])
  const values = refreshed[0]?.map(({ value }) => JSON.parse(value))
  expect(values?.[0]).toMatchObject({ version: 3, epoch, id: 'x' })
  // One that spans partitions carries the epochs of all: its own exactly.
  expect(values?.[2].epochs).toEqual(
    Object.fromEntries(Array.from({ length: PARTITIONS }, (_, nth) => [nth, nth === own ? epoch : 2])),
  )
  expect(values?.[3].epochs).toEqual({ [own]: epoch })
})

describe('rule 4 of decision 5: a refresh without an answer counts as an outage', () => {
  test('even if a retry would succeed, because the raise itself failed first', async () => {
    const { projection, refreshed, trouble, ownership } = await owner()
    const before = ownership.epoch()
    Object.assign(trouble, { cache: true, raise: true })
    await expect(projection.apply([user])).rejects.toThrow('Postgres is away')
    Object.assign(trouble, { cache: false, raise: false })
    await projection.apply([user])
    expect(ownership.epoch()).toBeGreaterThan(before)
    expect(odd(ownership.epoch())).toBe(true)
    expect(refreshed).toEqual([])
  })

  test('whatever the error is', async () => {
    const { projection, refreshed, ownership } = await owner()
    const push = vi.spyOn(refreshed, 'push').mockImplementation(() => {
      throw new TypeError('of another kind')
    })
    await projection.apply([user])
    push.mockRestore()
    expect(odd(ownership.epoch())).toBe(true)
  })
})

test('rule 5 of decision 5: after a raise the mark waits two polls, from then on none', async () => {
  const { projection, clock, trouble, moves } = await owner()
  expect(await moves()).toBe(false) // the takeover was a raise
  await clock.pass(SETTLE_MS)
  expect(await moves()).toBe(true)
  trouble.cache = true
  await projection.apply([user])
  expect(await moves()).toBe(false)
  await clock.pass(SETTLE_MS - 1)
  expect(await moves()).toBe(false)
  await clock.pass(1)
  expect(await moves()).toBe(true)
})

describe('rule 6 of decision 5: without a cache', () => {
  test('the epoch is raised to odd once, and marks move without it', async () => {
    const { projection, clock, trouble, ownership, onShut, moves } = await owner()
    trouble.cache = true
    await projection.apply([user])
    const shut = ownership.epoch()
    expect(odd(shut)).toBe(true)
    for (let nth = 0; nth < 5; nth++) {
      await projection.apply([user])
      await clock.pass(250)
    }
    expect(ownership.epoch()).toBe(shut)
    expect(onShut).toHaveBeenCalledTimes(1)
    expect(await moves()).toBe(true)
  })

  test('when it answers the epoch is raised to even, and refreshes go on under it', async () => {
    const { projection, clock, trouble, ownership, refreshed } = await owner()
    trouble.cache = true
    await projection.apply([user])
    const shut = ownership.epoch()
    trouble.cache = false
    await projection.apply([user]) // not before it was asked
    expect(refreshed).toEqual([])
    await clock.pass(250)
    await expect.poll(() => ownership.epoch()).toBeGreaterThan(shut)
    expect(odd(ownership.epoch())).toBe(false)
    await projection.apply([user])
    expect(JSON.parse(refreshed[0]![0]!.value)).toMatchObject({ epoch: ownership.epoch() })
  })

  test('it is asked again and again, also when Postgres refuses the raise', async () => {
    const { projection, clock, trouble, ownership } = await owner()
    trouble.cache = true
    await projection.apply([user])
    Object.assign(trouble, { cache: false, raise: true })
    await clock.pass(250)
    expect(odd(ownership.epoch())).toBe(true)
    trouble.raise = false
    await vi.waitFor(async () => {
      await clock.pass(250)
      expect(odd(ownership.epoch())).toBe(false)
    })
  })

  test('nobody asks any more when the partition is given up', async () => {
    const { projection, clock, trouble, stop } = await owner()
    trouble.cache = true
    await projection.apply([user])
    await expect.poll(() => clock.sleepers).toBe(1)
    stop.abort(new Error('given up'))
    await clock.pass(0)
    expect(clock.sleepers).toBe(0)
  })
})

describe('rule 9 of decision 5: a connection that was made anew may lead to an older cache', () => {
  test('so the epoch is raised, and stays even', async () => {
    const { reconnect, ownership } = await owner()
    const before = ownership.epoch()
    reconnect()
    await expect.poll(() => ownership.epoch()).toBeGreaterThan(before)
    expect(odd(ownership.epoch())).toBe(false)
  })

  test('before the next refresh at the latest, however often that must be tried', async () => {
    const { reconnect, projection, trouble, ownership, refreshed } = await owner()
    const before = ownership.epoch()
    trouble.raise = true
    reconnect()
    await expect(projection.apply([user])).rejects.toThrow('Postgres is away')
    expect(refreshed).toEqual([])
    trouble.raise = false
    await projection.apply([user])
    expect(ownership.epoch()).toBeGreaterThan(before)
    expect(JSON.parse(refreshed[0]![0]!.value)).toMatchObject({ epoch: ownership.epoch() })
  })

  test('once more if it happens again meanwhile', async () => {
    const { reconnect, projection, ownership } = await owner()
    const raise = vi.spyOn(ownership, 'raise')
    raise.mockImplementationOnce(async (shut) => {
      reconnect()
      return ownership.raise(shut)
    })
    reconnect()
    await projection.apply([user])
    expect(raise.mock.calls.length).toBeGreaterThanOrEqual(3) // the call that is counted twice, and the second raise
  })

  test('once is enough', async () => {
    const { reconnect, projection, ownership } = await owner()
    reconnect()
    await projection.apply([user])
    const epoch = ownership.epoch()
    await projection.apply([user])
    expect(ownership.epoch()).toBe(epoch)
  })
})

describe('rule 7 of decision 5: renewing', () => {
  test.each([true, false])('starts a new epoch, whoever reads the cache (local: %s)', async (local) => {
    const { projection, ownership } = await owner({ local })
    const before = ownership.epoch()
    await projection.renew()
    expect(ownership.epoch()).toBeGreaterThan(before)
    expect(odd(ownership.epoch())).toBe(false)
  })

  test('does not open a cache that is shut: opening it starts a new one anyway', async () => {
    const { projection, trouble, ownership } = await owner()
    trouble.cache = true
    await projection.apply([user])
    const shut = ownership.epoch()
    await projection.renew()
    expect(ownership.epoch()).toBe(shut)
  })

  test('makes good a raise that failed', async () => {
    const { projection, trouble, ownership } = await owner()
    const before = ownership.epoch()
    Object.assign(trouble, { cache: true, raise: true })
    await expect(projection.apply([user])).rejects.toThrow('Postgres is away')
    await expect(projection.renew()).rejects.toThrow('Postgres is away')
    trouble.raise = false
    await projection.renew()
    expect(ownership.epoch()).toBeGreaterThan(before)
  })
})

test('rule 3 of decision 5: who was fenced raises nothing', async () => {
  const { projection, trouble, partition: own } = await owner()
  await takeOver(database.sql, own, Date.now())
  await expect(projection.renew()).rejects.toThrow(Fenced)
  trouble.cache = true
  await expect(projection.apply([user])).rejects.toThrow(Fenced)
})

test('after the partition was given up nothing is written', async () => {
  const { projection, refreshed, stop } = await owner()
  stop.abort(new Error('given up'))
  await expect(projection.apply([user])).rejects.toThrow('given up')
  expect(refreshed).toEqual([])
})

test('a batch without changes asks nothing of the cache', async () => {
  const { projection, trouble, ownership } = await owner()
  const before = ownership.epoch()
  trouble.cache = true
  await projection.apply([])
  expect(ownership.epoch()).toBe(before)
})
