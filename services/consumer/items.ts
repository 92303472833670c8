import type { Command } from '../../platform/commands/command.ts'
import type { LogRecord } from '../../platform/log/port.ts'
import type { EntityDefinition } from './entity.ts'
import type { Item } from './fold.ts'

/** A newer process wrote it: no poison. The partition stops until this one is upgraded too. */
export class NewerSchema extends Error {}

/** Reads records as commands. What cannot be read becomes an item that says why, and goes to the dead letters. */
export function readItems(records: readonly LogRecord[], definitions: ReadonlyMap<string, EntityDefinition>): Item[] {
  return records.map(({ partition, offset, key, value }): Item => {
    const base = { position: { partition, offset }, key, value }
    const command = parse(value)
    if (typeof command === 'string') return { ...base, unreadable: command }
    const definition = definitions.get(command.type.split('.')[0] ?? '')
    if (!definition) return { ...base, unreadable: `no entity takes ${command.type}` }
    if (command.v > 1 || command.schema > definition.schema) {
      throw new NewerSchema(
        `${command.type} at ${partition}:${offset} has schema ${command.v}.${command.schema}, newer than this consumer; upgrade it`,
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
  })
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** The envelope only: the payload is the business of its entity's rules. */
function parse(value: string): Command | string {
  let raw: unknown
  try {
    raw = JSON.parse(value)
  } catch {
    return 'it is not JSON'
  }
  const command = raw as Command
  const sound =
    typeof command === 'object' &&
    command !== null &&
    typeof command.v === 'number' &&
    typeof command.schema === 'number' &&
    typeof command.type === 'string' &&
    typeof command.at === 'string' &&
    typeof command.hash === 'string' &&
    typeof command.root === 'string' &&
    typeof command.actor === 'object' &&
    command.actor !== null &&
    UUID.test(command.id) &&
    UUID.test(command.entity)
  return sound ? command : 'it is not a command'
}
