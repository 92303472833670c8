import { canonicalJson } from '../../platform/commands/canonical.ts'
import type { Command, Event } from '../../platform/commands/command.ts'
import { type Decision, noChange, type Rules, reject, type World } from '../../platform/commands/decide.ts'
import { roleOf } from '../users/rules.ts'
import { type DocumentEvent, eventSchema, type PutDocument, type StoredDocument } from './schema.ts'

/** A document is its owner's alone: to anybody else it is not there. Its root is its owner. */
export const rules: Rules = { needs: () => ({}), decide }

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
      return become('document.removed', next(document, command, { data: {}, deleted: true }))
    default:
      throw new Error(`no such command: ${command.type}`)
  }
}

function create(ownerId: string, { entity, payload, at }: Command): Decision {
  const { data } = payload as PutDocument
  return become('document.created', { id: entity, version: 1, ownerId, data, createdAt: at, updatedAt: at })
}

function replace(document: StoredDocument, command: Command): Decision {
  const { data } = command.payload as PutDocument
  if (canonicalJson(data) === canonicalJson(document.data)) return noChange
  return become('document.replaced', next(document, command, { data }))
}

const next = (document: StoredDocument, { at }: Command, changed: Partial<StoredDocument>): StoredDocument => ({
  ...document,
  ...changed,
  version: document.version + 1,
  updatedAt: at,
})

function become(type: DocumentEvent, data: StoredDocument): Decision {
  const { id, version } = data
  const event: Event<StoredDocument> = { type, schema: eventSchema, kind: 'document', id, version, data }
  return { events: [event] }
}
