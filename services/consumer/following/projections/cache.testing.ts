import { afterAll, afterEach, beforeAll, expect, vi } from 'vitest'
import { type Cache, CacheUnavailable, type Refresh } from '../../../../platform/cache/port.ts'
import { createSimulatedClock } from '../../../../platform/commands/clock.testing.ts'
import type { Entity } from '../../../../platform/commands/command.ts'
import { PARTITIONS } from '../../../../platform/log/port.ts'
import type { Sql } from '../../../../platform/sql/port.ts'
import { entities } from '../../entities.ts'
import { testDatabase } from '../../fixture.testing.ts'
import { own } from '../../ownership/ownership.ts'
import { takeOver } from '../../ownership/progress.ts'
import { createCacheProjection } from './cache.ts'

export const SETTLE_MS = 500
export const odd = (epoch: number) => epoch % 2 === 1

/** Owners of partitions in a database of the file that calls it; each lets go when its test is over. */
export function openCacheOwners() {
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

  return {
    owner: (options?: { local?: boolean }) => openOwner(database.sql, owners, options),
    /** Another process takes that partition over. */
    fence: (partition: number) => takeOver(database.sql, partition, Date.now()),
  }
}

let partition = -1

/** One owner of a partition of its own, over a cache that does what the test says. */
async function openOwner(sql: Sql, owners: Set<AbortController>, { local = false }: { local?: boolean } = {}) {
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
  const troubled: Sql = {
    ...sql,
    query(text: string, ...rest: [unknown[]?, string?]) {
      if (trouble.raise && text.includes('SET epoch')) return Promise.reject(new Error('Postgres is away'))
      return sql.query(text, ...rest) as Promise<never[]>
    },
  }
  const ownership = await own(partition, { sql: troubled, clock, settleMs: SETTLE_MS })
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
export const user = entity('user')
export const task = entity('task', { projectId: 'p' })
