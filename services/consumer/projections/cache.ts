import { type Cache, CacheUnavailable, type Refresh } from '../../../platform/cache/port.ts'
import type { Entity } from '../../../platform/commands/command.ts'
import { partitionOf } from '../../../platform/log/partition.ts'
import { refreshEntity, replaceStamp } from '../../../platform/reads/projector-cache.ts'
import { type Clock, createTurns } from '../../../platform/waiting.ts'
import type { EntityDefinition } from '../entity.ts'
import type { Ownership } from '../ownership.ts'

const PROBE_MS = 250

/** Changed entities of one kind, each in its last state. */
export interface Change {
  definition: EntityDefinition
  entity: Entity
}

/**
 * Keeps the cache from contradicting what is told. While Redis answers, every change is refreshed before its mark moves. When a
 * refresh gets no answer, the partition's epoch is raised to odd: readers leave the cache alone, marks move without it;
 * once it answers again, the epoch is raised to even and refreshes go on.
 */
export interface CacheProjection {
  /** Resolves when the cache cannot contradict these changes any more. Then `ownership.settled` before the mark. */
  apply(changes: readonly Change[], signal: AbortSignal): Promise<void>
  /** The cache may hold what was written under this epoch before a store was brought up to date: start a new one. */
  renew(): Promise<void>
  close(): void
}

export interface CacheProjectionParts {
  cache: Cache | null
  ownership: Ownership
  clock: Clock
  signal: AbortSignal
  /** Redis has no persistence: after a lost connection it may be another one, or an older copy. */
  onCacheReconnect: (listener: () => void) => () => void
  /** The epochs of all partitions, as this process knows them: stamps of scopes that span partitions carry them. */
  epochs: () => readonly number[]
  onShut: (error: unknown) => void
}

export function createCacheProjection(parts: CacheProjectionParts): CacheProjection {
  const { cache, ownership, clock, signal, epochs, onShut } = parts
  if (!cache) return { apply: async () => {}, renew: async () => {}, close: () => {} }
  const turn = createTurns()
  let shut = false
  let reconnected = false
  const unsubscribe = parts.onCacheReconnect(() => {
    reconnected = true
    void turn(renewIfReconnected).catch(() => undefined)
  })

  async function renewIfReconnected(): Promise<void> {
    if (!reconnected || shut || signal.aborted) return
    reconnected = false
    await ownership.raise(false)
  }

  async function shutDown(error: unknown): Promise<void> {
    onShut(error)
    await ownership.raise(true)
    shut = true
    void reopen().catch(() => undefined)
  }

  /** Ends when the cache answers, or with the ownership. */
  async function reopen(): Promise<void> {
    while (shut && !signal.aborted) {
      await clock.sleep(PROBE_MS, signal)
      await turn(async () => {
        await cache!.read(['probe'])
        await ownership.raise(false)
        reconnected = false
        shut = false
      }).catch(() => undefined)
    }
  }

  return {
    apply: (changes) =>
      turn(async () => {
        if (changes.length === 0 || signal.aborted) return
        await renewIfReconnected()
        if (shut) return
        try {
          await cache.refresh(refreshes(changes, ownership, epochs()))
        } catch (error) {
          if (!(error instanceof CacheUnavailable)) throw error
          await shutDown(error)
        }
      }),
    renew: () =>
      turn(async () => {
        if (!cache.local && !shut) await ownership.raise(false)
      }),
    close: unsubscribe,
  }
}

function refreshes(changes: readonly Change[], ownership: Ownership, epochs: readonly number[]): Refresh[] {
  const epoch = ownership.epoch()
  const all = epochs.map((known, partition) => (partition === ownership.partition ? epoch : known))
  const scopes = new Map<string, boolean>()
  const entities = changes.map(({ definition, entity }) => {
    for (const { scope, all: spans } of definition.scopes(entity)) scopes.set(scope, spans)
    return refreshEntity(definition.kind, entity, epoch)
  })
  const stamps = [...scopes].map(([scope, spans]) =>
    replaceStamp(scope, spans ? new Map(all.entries()) : new Map([[ownership.partition, epoch]])),
  )
  return [...entities, ...stamps]
}

/** The partition that an entity's commands are decided in. */
export const partitionOfEntity = ({ definition, entity }: Change): number => partitionOf(definition.root(entity))
