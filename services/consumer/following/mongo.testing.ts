import type { Entity } from '../../../platform/commands/command.ts'
import type { MongoProjection } from './projections/mongo.ts'

export interface MemoryMongo extends MongoProjection {
  /** Everything, as a server that was made anew. */
  lose(): void
  readonly entities: ReadonlyMap<string, Entity>
  readonly served: ReadonlyMap<number, number>
}

/** What MongoDB keeps, in memory, by the contract of its projection. */
export function memoryMongo(): MemoryMongo {
  const entities = new Map<string, Entity>()
  const served = new Map<number, number>()
  return {
    entities,
    served,
    lose() {
      entities.clear()
      served.clear()
    },
    async prepare() {},
    async apply(changes) {
      for (const { entity } of changes) {
        if (entity.version > (entities.get(entity.id)?.version ?? 0)) entities.set(entity.id, entity)
      }
    },
    cursors: {
      of: async (partition) => served.get(partition) ?? null,
      all: async () => new Map(served),
      async begin(partition, at) {
        served.set(partition, Math.max(at, served.get(partition) ?? 0))
      },
      async forget(partition, at) {
        if (served.get(partition) === at) served.delete(partition)
      },
      async move(partition, from, to) {
        const at = served.get(partition)
        if (at === undefined || at < from) return false
        served.set(partition, Math.max(to, at))
        return true
      },
    },
  }
}
