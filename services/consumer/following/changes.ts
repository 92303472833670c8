import type { Entity } from '../../../platform/commands/command.ts'
import type { Mark } from '../../../platform/commands/watermarks/watermarks.ts'
import type { Batch } from '../decide/decide.ts'
import type { EntityDefinition } from '../entity.ts'

/** A changed entity, in its last state. */
export interface Change {
  definition: EntityDefinition
  entity: Entity
}

/** What a batch changed, of the entities that these marks stand for, each in its last state. */
export function changesOf(
  batch: Batch,
  definitions: ReadonlyMap<string, EntityDefinition>,
  marks: readonly Mark[],
): Change[] {
  const changes = new Map<string, Change>()
  for (const { outcome } of batch.decided) {
    for (const event of outcome.events) {
      const definition = definitions.get(event.kind)
      if (definition && marks.includes(definition.mark))
        changes.set(`${event.kind}:${event.id}`, { definition, entity: event.data })
    }
  }
  return [...changes.values()]
}
