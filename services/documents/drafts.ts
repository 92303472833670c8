import type { Draft } from '../../platform/commands/command.ts'
import { createDrafts } from '../../platform/commands/drafts.ts'
import { commandSchema, type PutDocument, type StoredDocument } from './schema.ts'

/** The commands that procedures send. A document's root is its owner. */

type Owned = Pick<StoredDocument, 'id' | 'ownerId'>

const draft = createDrafts(commandSchema, ({ ownerId }: Owned) => ownerId)

export const createDocument = (document: Owned, data: PutDocument['data']): Draft =>
  draft('document.create', document, { data } satisfies PutDocument)

export const replaceDocument = (document: Owned, data: PutDocument['data'], expectedVersion?: number): Draft =>
  draft('document.replace', document, { data } satisfies PutDocument, expectedVersion)

export const removeDocument = (document: Owned, expectedVersion?: number): Draft =>
  draft('document.remove', document, {}, expectedVersion)
