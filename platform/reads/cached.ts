import type { Entity } from '../commands/command.ts'
import { judge } from './judge.ts'
import type { ReadParts } from './parts.ts'
import type { CachedReader, EntitySource } from './reads.ts'

/** Looks at what another service's readers have put into the cache, under the same rules, and puts nothing there. */
export function createCachedReader<E extends Entity>(
  source: Pick<EntitySource<E>, 'kind' | 'partition'>,
  { cache, watermarks, metrics }: Pick<ReadParts, 'cache' | 'watermarks' | 'metrics'>,
): CachedReader<E> {
  return {
    async one(id) {
      const known = watermarks.epochs()
      const texts = known === null ? undefined : await cache.read([`${source.kind}:${id}`])
      const found = known && texts ? judge(texts[0] ?? null, known, source) : 'shut'
      const hit = typeof found === 'object'
      metrics.count(source.kind, hit ? 'hit' : found === 'shut' ? 'bypass' : found)
      if (!hit) return undefined
      return found.deleted ? null : found
    },
  }
}
