import type { Command, Event } from '../../platform/commands/command.ts'
import { type Decision, noChange, type Rules, reject, type World } from '../../platform/commands/decide.ts'
import { type DocumentEvent, eventSchema, type PutDocument, type StoredDocument } from './schema.ts'

/** A document is its owner's alone: to anybody else it is not there. */
export const rules: Rules = { needs: () => ({}), decide }

function decide(command: Command, world: World): Decision {
  if (command.type === 'document.create') return create(command, world)
  const document = world.one<StoredDocument>('document', command.entity)
  if (!document || document.deleted || document.ownerId !== command.actor.id) return reject('document.not_found')
  switch (command.type) {
    case 'document.replace':
      return replace(document, command)
    case 'document.remove':
      return become('document.removed', { ...next(document, command), data: {}, deleted: true })
    default:
      throw new Error(`no such command: ${command.type}`)
  }
}

function create(command: Command, world: World): Decision {
  const owner = command.actor.id
  if (owner === null || world.one('user', owner)?.deleted) return reject('access.forbidden')
  const { data } = command.payload as PutDocument
  return become('document.created', {
    id: command.entity,
    version: 1,
    ownerId: owner,
    data,
    createdAt: command.at,
    updatedAt: command.at,
  })
}

function replace(document: StoredDocument, command: Command): Decision {
  const { data } = command.payload as PutDocument
  if (JSON.stringify(data) === JSON.stringify(document.data)) return noChange
  return become('document.replaced', { ...next(document, command), data })
}

const next = (document: StoredDocument, command: Command): StoredDocument => ({
  ...document,
  version: document.version + 1,
  updatedAt: command.at,
})

function become(type: DocumentEvent, data: StoredDocument): Decision {
  const event: Event<StoredDocument> = {
    type,
    schema: eventSchema,
    kind: 'document',
    id: data.id,
    version: data.version,
    data,
  }
  return { events: [event] }
}
