import type { Command } from '../../../platform/commands/command.ts'
import type { LogRecord } from '../../../platform/log/port.ts'
import type { EntityDefinition } from '../entity.ts'
import type { Item } from './fold.ts'

/** A newer process wrote it: no poison. The consumer stops; a newer one, or this one upgraded, goes on there. */
export class NewerSchema extends Error {}

/**
 * Reads records as commands, up to one of a newer schema. What cannot be read becomes an item that says why, and goes to
 * the dead letters.
 * @throws NewerSchema where the first is one
 */
export function readItems(records: readonly LogRecord[], definitions: ReadonlyMap<string, EntityDefinition>): Item[] {
  const items: Item[] = []
  for (const record of records) {
    try {
      items.push(readItem(record, definitions))
    } catch (error) {
      if (items.length === 0) throw error
      break
    }
  }
  return items
}

function readItem(record: LogRecord, definitions: ReadonlyMap<string, EntityDefinition>): Item {
  const { partition, offset, key, value } = record
  const base = { position: { partition, offset }, key, value }
  const command = readCommand(value)
  if (typeof command === 'string') return { ...base, unreadable: command }
  const definition = definitions.get(command.type.split('.')[0] ?? '')
  if (!definition) return { ...base, unreadable: `no entity takes ${command.type}` }
  if (command.v > 1 || command.schema > definition.schema) {
    throw new NewerSchema(
      `${command.type} at ${partition}:${offset} has schema ${command.v}.${command.schema}, newer than this consumer's ` +
        `1.${definition.schema}: start a newer version of it. Nothing is lost, the partition waits there.`,
    )
  }
  try {
    return { ...base, command, definition, needs: definition.rules.needs(command) }
  } catch (error) {
    return {
      ...base,
      unreadable: `its payload does not fit: ${error instanceof Error ? error.message : String(error)}`,
    }
  }
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const isId = (value: unknown): value is string => typeof value === 'string' && UUID.test(value)
const isText = (value: unknown): value is string => typeof value === 'string'

/** The envelope only: the payload is the business of its entity's rules. Or what is wrong with it. */
export function readCommand(value: string): Command | string {
  let raw: unknown
  try {
    raw = JSON.parse(value)
  } catch {
    return 'it is not JSON'
  }
  if (typeof raw !== 'object' || raw === null) return 'it is not a command'
  const command = raw as Command
  const { id, entity, type, at, hash, root, request, traceparent, actor } = command
  const sound =
    typeof command.v === 'number' &&
    typeof command.schema === 'number' &&
    [id, entity].every(isId) &&
    [type, at, hash, root, request].every(isText) &&
    (traceparent === undefined || isText(traceparent)) &&
    typeof actor === 'object' &&
    (actor?.id === null || isId(actor?.id))
  return sound ? command : 'it is not a command'
}
