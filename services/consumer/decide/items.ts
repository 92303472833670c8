import type { Command } from '../../../platform/commands/command.ts'
import { UnknownCommand } from '../../../platform/commands/decide.ts'
import { parsedJson } from '../../../platform/json.ts'
import type { LogRecord } from '../../../platform/log/port.ts'
import { sentenceOf } from '../../../platform/thrown.ts'
import type { EntityDefinition } from '../entity.ts'
import type { Item } from './fold.ts'

/**
 * A newer process wrote it: its envelope, its payload, its command or its entity is newer than what is known here. No poison,
 * whatever it looks like: only services write commands. The consumer stops; a newer one, or this one upgraded, goes on there.
 */
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
  const at = `at ${partition}:${offset}`

  const raw = parsedJson(value)
  const version = versionOf(raw)
  if (version > VERSION) throw newer(`a command ${at} has version ${version}, newer than this consumer's ${VERSION}`)
  const command = commandOf(raw)
  if (typeof command === 'string') return { ...base, unreadable: command }
  const { type, schema } = command
  const definition = definitions.get(type.split('.')[0]!)
  if (!definition) throw newer(`${type} ${at} is about a kind of entity that this consumer does not know`)
  if (schema > definition.schema) {
    throw newer(
      `${type} ${at} has schema ${version}.${schema}, newer than this consumer's ${VERSION}.${definition.schema}`,
    )
  }
  try {
    return { ...base, command, definition, needs: definition.rules.needs(command) }
  } catch (error) {
    if (error instanceof UnknownCommand) throw newer(`${type} ${at} is a command that this consumer does not know`)
    return { ...base, unreadable: `its payload does not fit: ${sentenceOf(error)}` }
  }
}

const newer = (what: string): NewerSchema =>
  new NewerSchema(`${what}: start a newer version of it. Nothing is lost, the partition waits there.`)

/** Of the envelope, and judged before the rest of it: what a newer one has, and how that is called, is not known here. */
const VERSION = 1

function versionOf(raw: unknown): number {
  const { v } = (raw ?? {}) as { v?: unknown }
  return typeof v === 'number' ? v : 0
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const isId = (value: unknown): value is string => typeof value === 'string' && UUID.test(value)
const isText = (value: unknown): value is string => typeof value === 'string'
/** `task.create` */
const isType = (value: unknown): value is string => isText(value) && /^[a-z][a-z_]*\.[a-z][a-z_]*$/.test(value)

/** The envelope only: the payload is the business of its entity's rules. Or what is wrong with it. */
export const readCommand = (value: string): Command | string => commandOf(parsedJson(value))

function commandOf(raw: unknown): Command | string {
  if (raw === undefined) return 'it is not JSON'
  if (typeof raw !== 'object' || raw === null) return 'it is not a command'
  const command = raw as Command
  const { id, entity, type, at, hash, root, request, traceparent, actor } = command
  const sound =
    typeof command.v === 'number' &&
    typeof command.schema === 'number' &&
    [id, entity].every(isId) &&
    isType(type) &&
    [at, hash, root, request].every(isText) &&
    (traceparent === undefined || isText(traceparent)) &&
    typeof actor === 'object' &&
    (actor?.id === null || isId(actor?.id))
  return sound ? command : 'it is not a command'
}
