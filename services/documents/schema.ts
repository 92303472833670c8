import { z } from 'zod'
import type { Entity } from '../../platform/commands/command.ts'
import { entity, expectedVersion, id, ordering, pageFields, pageOf } from '../../platform/contract/fields.ts'

// The entity: any JSON object, kept for its owner.

/** Bytes of a document as JSON. */
export const DOCUMENT_BYTES = 256 * 1024

const data = z.looseObject({}).meta({ description: 'Any JSON object, at most twenty levels deep.' })

export const Document = entity({ ownerId: id, data }).meta({ id: 'Document' })
export type Document = z.infer<typeof Document>

/** As it is stored, cached and carried by events. A tombstone's data is empty. */
export interface StoredDocument extends Entity {
  ownerId: string
  data: Record<string, unknown>
}

// Inputs and outputs

export const DocumentRef = z.strictObject({ id: id.meta({ description: 'Id of the document.' }) })
export const Create = z.strictObject({ data })
export const Replace = DocumentRef.extend({ data, expectedVersion })
export const Remove = DocumentRef.extend({ expectedVersion })
export const List = z.strictObject({
  sort: z.enum(['-createdAt', 'createdAt']).default('-createdAt').meta(ordering),
  ...pageFields,
})
export const Documents = pageOf(Document)

// Commands and events

export const commandSchema = 1
export interface PutDocument {
  data: Record<string, unknown>
}

export const eventSchema = 1
export type DocumentEvent = 'document.created' | 'document.replaced' | 'document.removed'
