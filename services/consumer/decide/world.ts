import type { Entity, Event } from '../../../platform/commands/command.ts'
import type { World } from '../../../platform/commands/decide.ts'
import type { EntityDefinition } from '../entity.ts'

/** The fold's state: what was loaded for a batch, changed by each decided event. Nothing here does I/O. */
export interface Working extends World {
  add(kind: string, entity: Entity): void
  addCounter(project: string, last: number): void
  addTruncated(kind: string, id: string): void
  /** Gives the number that `drawn()` answers during the next decision. */
  draw(number: number | undefined): void
  apply(event: Event): void
  /** What the applied events changed, in its last state. */
  changes(): { entities: Map<string, Map<string, Entity>>; counters: Map<string, number> }
}

export function createWorking(definitions: readonly EntityDefinition[]): Working {
  const byKind = new Map(definitions.map((definition) => [definition.kind, definition]))
  const entities = new Map<string, Map<string, Entity>>(definitions.map(({ kind }) => [kind, new Map()]))
  const changed = new Map<string, Map<string, Entity>>()
  const holders = new Map<string, Entity>()
  const counters = new Map<string, number>()
  const changedCounters = new Map<string, number>()
  const truncated = new Set<string>()
  let number: number | undefined

  const table = (kind: string): Map<string, Entity> => {
    const found = entities.get(kind)
    if (!found) throw new Error(`no entity of kind ${kind}`)
    return found
  }

  const holderKeys = (kind: string, entity: Entity): string[] =>
    Object.entries(byKind.get(kind)?.holds(entity) ?? {}).flatMap(([namespace, values]) =>
      values.map((value) => `${namespace}:${value}`),
    )

  function put(kind: string, entity: Entity): void {
    const before = table(kind).get(entity.id)
    if (before && !before.deleted) {
      for (const key of holderKeys(kind, before)) if (holders.get(key)?.id === entity.id) holders.delete(key)
    }
    table(kind).set(entity.id, entity)
    if (!entity.deleted) for (const key of holderKeys(kind, entity)) holders.set(key, entity)
  }

  return {
    one: <E extends Entity>(kind: string, id: string) => table(kind).get(id) as E | undefined,
    holder: <E extends Entity>(namespace: string, value: string) =>
      holders.get(`${namespace}:${value}`) as E | undefined,
    all: <E extends Entity>(kind: string) => table(kind).values() as Iterable<E>,
    counter: (project) => counters.get(project) ?? 0,
    drawn() {
      if (number === undefined) throw new Error('a number is drawn that the command did not need')
      return number
    },
    truncated: (kind, id) => truncated.has(`${kind}:${id}`),

    add: put,
    addCounter: (project, last) => void counters.set(project, last),
    addTruncated: (kind, id) => void truncated.add(`${kind}:${id}`),
    draw(next) {
      number = next
    },
    apply(event) {
      put(event.kind, event.data)
      const ofKind = changed.get(event.kind) ?? new Map<string, Entity>()
      changed.set(event.kind, ofKind.set(event.id, event.data))
      const counted = event.version === 1 ? byKind.get(event.kind)?.counted?.(event.data) : undefined
      if (!counted) return
      counters.set(counted.project, counted.number)
      changedCounters.set(counted.project, counted.number)
    },
    changes: () => ({ entities: changed, counters: changedCounters }),
  }
}
