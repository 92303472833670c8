import { canonicalJson } from '../../platform/commands/canonical.ts'
import type { Command } from '../../platform/commands/command.ts'
import {
  type Decision,
  eventsOf,
  type Needs,
  nextVersion,
  noChange,
  type Rules,
  reject,
  UnknownCommand,
  type World,
} from '../../platform/commands/decide.ts'
import { roleOf } from '../users/rules.ts'
import { type DocumentEvent, eventSchema, type PutDocument, type StoredDocument } from './schema.ts'

/** A document is its owner's alone: to anybody else it is not there. Its root is its owner. */
export const rules: Rules = { needs, decide }

const become = eventsOf<StoredDocument, DocumentEvent>('document', eventSchema)

function needs(command: Command): Needs {
  switch (command.type) {
    case 'document.create':
    case 'document.replace':
    case 'document.remove':
      return {}
    default:
      throw new UnknownCommand(command)
  }
}

function decide(command: Command, world: World): Decision {
  const owner = command.actor.id
  if (owner === null || !roleOf(command, world)) return reject('access.forbidden')
  if (command.type === 'document.create') return create(owner, command)

  const document = world.one<StoredDocument>('document', command.entity)
  if (!document || document.deleted || document.ownerId !== owner) return reject('document.not_found')
  switch (command.type) {
    case 'document.replace':
      return replace(document, command)
    case 'document.remove':
      return become('document.removed', nextVersion(document, command, { data: {}, deleted: true }))
    default:
      throw new UnknownCommand(command)
  }
}

function create(ownerId: string, { entity, payload, at }: Command): Decision {
  const { data } = payload as PutDocument
  return become('document.created', { id: entity, version: 1, ownerId, data, createdAt: at, updatedAt: at })
}

function replace(document: StoredDocument, command: Command): Decision {
  const { data } = command.payload as PutDocument
  if (canonicalJson(data) === canonicalJson(document.data)) return noChange
  return become('document.replaced', nextVersion(document, command, { data }))
}
