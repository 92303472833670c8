import type { Cache, Refresh } from '../../../../platform/cache/port.ts'
import { refreshEntity, replaceStamp } from '../../../../platform/reads/projector-cache.ts'
import { type Clock, createTurns } from '../../../../platform/waiting.ts'
import type { Ownership } from '../../ownership/ownership.ts'
import type { Change } from '../changes.ts'

const PROBE_MS = 250

/**
 * Keeps the cache from contradicting what is told. While Redis answers, every change is refreshed before its mark moves. When a
 * refresh gets no answer, the partition's epoch is raised to odd: readers leave the cache alone, marks move without it;
 * once it answers again, the epoch is raised to even and refreshes go on.
 */
export interface CacheProjection {
  /** Resolves when the cache cannot contradict these changes any more: then `ownership.move` may tell them. */
  apply(changes: readonly Change[]): Promise<void>
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
  /** `shutting` from a refresh without an answer until the odd epoch is committed, however often that must be tried. */
  let state: 'open' | 'shutting' | 'shut' = 'open'
  let connection = 0
  let trusted = 0
  const unsubscribe = parts.onCacheReconnect(() => {
    connection++
    void turn(trustConnection).catch(() => undefined) // if it fails, the next change tries it again
  })

  /** The epoch is raised for every connection that was made anew, before anything is told over it. */
  async function trustConnection(): Promise<void> {
    if (trusted === connection || state !== 'open' || signal.aborted) return
    await open()
  }

  async function open(): Promise<void> {
    const current = connection
    await ownership.raise(false)
    trusted = current
    state = 'open'
  }

  /** A refresh that had no answer may still arrive, so a retry that succeeds mends nothing: only a raise does. */
  async function refresh(changes: readonly Change[]): Promise<void> {
    try {
      await cache!.refresh(refreshes(changes, ownership, epochs()))
    } catch (error) {
      state = 'shutting'
      onShut(error)
    }
  }

  async function shut(): Promise<void> {
    await ownership.raise(true)
    state = 'shut'
    void reopen()
  }

  /** Ends when the cache answers, or with the ownership. */
  async function reopen(): Promise<void> {
    while (state === 'shut' && !signal.aborted) {
      await clock.sleep(PROBE_MS, signal)
      await turn(async () => {
        if (signal.aborted) return
        await cache!.read(['probe'])
        await open()
      }).catch(() => undefined)
    }
  }

  return {
    apply: (changes) =>
      turn(async () => {
        signal.throwIfAborted()
        if (changes.length === 0) return
        await trustConnection()
        if (state === 'open') await refresh(changes)
        if (state === 'shutting') await shut()
      }),
    renew: () =>
      turn(async () => {
        if (state === 'open') await open()
        else if (state === 'shutting') await shut()
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
