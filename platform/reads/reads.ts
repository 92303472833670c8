import type { Entity } from '../commands/command.ts'

/** Reads through the cache, by the protocol that never shows a caller less than it was told. */
export interface Reads {
  /** A reader of one kind of entity, by id, cached under `{kind}:{id}`. */
  entity<E extends Entity>(source: EntitySource<E>): EntityReader<E>
  /** A look at entities that another service owns: what the cache has of them, and nothing else. */
  cached<E extends Entity>(source: Pick<EntitySource<E>, 'kind' | 'partition'>): CachedReader<E>
  /**
   * A list, a page, a search, a look-up by name: anything whose answer may change with any entity of its scope.
   * @param scope `users`, `projects`, `tasks:{project}`, `documents:{owner}`
   * @param partitions where the commands of that scope live: one, or 'all'
   * @param query canonical text of what is asked; part of the key
   */
  list<T>(scope: string, partitions: number | 'all', query: string, load: () => Promise<T>): Promise<T>
}

export interface EntitySource<E extends Entity> {
  kind: string
  /** The partition that its commands are decided in. */
  partition(entity: E): number
  /** From the store, removed ones included; undefined where there never was one. */
  load(id: string): Promise<E | undefined>
}

export interface EntityReader<E extends Entity> {
  /** Undefined where there is none or it is removed. */
  one(id: string): Promise<E | undefined>
}

export interface CachedReader<E extends Entity> {
  /** Null where it is removed, undefined where the cache does not say: its owner has to be asked. */
  one(id: string): Promise<E | null | undefined>
}
