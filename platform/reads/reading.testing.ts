import { vi } from 'vitest'
import { openMemoryCache } from '../cache/memory.ts'
import { type Cache, CacheUnavailable } from '../cache/port.ts'
import type { Entity } from '../commands/command.ts'
import { createReads } from './mod.ts'
import type { Random } from './random.ts'
import type { EntityReader, Reads } from './reads.ts'

export interface Thing extends Entity {
  partition: number
}

export const thing = (version: number, said: Partial<Thing> = {}): Thing => ({
  id: 'a',
  version,
  createdAt: '2026-01-01T10:00:00.000Z',
  updatedAt: '2026-01-01T10:00:00.000Z',
  partition: 0,
  ...said,
})

/** A process that reads things, with everything around it in the test's hand. */
export interface Reading {
  cache: Cache
  reads: Reads
  things: EntityReader<Thing>
  /** What is there to load, by id. */
  store: Map<string, Thing>
  /** Ids in the order they were loaded. */
  loaded: string[]
  /** Called before each load, awaited. */
  beforeLoad: () => Promise<void> | void
  /** Epoch by partition; null where the cache may not be used. */
  epochs: number[] | null
  /** How each read's first look ended. */
  results: string[]
  errors: unknown[]
}

export function openReading(cache: Cache = openMemoryCache(), random?: Random): Reading {
  const reading: Reading = {
    cache,
    reads: createReads({
      cache,
      watermarks: { epochs: () => reading.epochs },
      logger: { debug: () => {}, error: (fields: unknown) => reading.errors.push(fields) },
      metrics: { count: (what, result) => reading.results.push(`${what} ${result}`) },
      ...(random && { random }),
    }),
    things: {} as EntityReader<Thing>,
    store: new Map(),
    loaded: [],
    beforeLoad: () => {},
    epochs: [2, 4],
    results: [],
    errors: [],
  }
  reading.things = reading.reads.entity<Thing>({
    kind: 'thing',
    partition: (entity) => entity.partition,
    async load(id) {
      reading.loaded.push(id)
      const found = reading.store.get(id)
      await reading.beforeLoad()
      return found
    },
  })
  return reading
}

/** Asks for a list of partition 0, or of all, and answers what the store says at that moment. */
export function lists(reading: Reading, partitions: number | 'all' = 0) {
  const load = vi.fn(async () => ['first'])
  return { load, list: (query = 'every') => reading.reads.list('things:x', partitions, query, load) }
}

/** Reads without a cache. */
export const straightReads: Reads = {
  entity: <E extends Entity>({ load }: { load(id: string): Promise<E | undefined> }) => ({
    async one(id: string) {
      const entity = await load(id)
      return entity?.deleted ? undefined : entity
    },
  }),
  cached: () => ({ one: async () => undefined }),
  list: (_scope, _partitions, _query, load) => load(),
}

/** The text that the cache holds. */
export const held = async (cache: Cache, key: string): Promise<string | null> => (await cache.read([key]))[0] ?? null

/** Does what it is told, but the answer is lost. */
export function unanswered(cache: Cache, command: 'read' | 'take' | 'fill'): Cache {
  const lose = async (work: Promise<unknown>): Promise<never> => {
    await work
    throw new CacheUnavailable('no reply in time')
  }
  return {
    ...cache,
    [command]: (...told: unknown[]) => lose((cache[command] as (...a: unknown[]) => Promise<unknown>)(...told)),
  }
}

/** Opens when it is told to. */
export function gate(): { passed: Promise<void>; open(): void } {
  let open = () => {}
  const passed = new Promise<void>((resolve) => {
    open = resolve
  })
  return { passed, open }
}
