import type { Place } from '../../../platform/reads/cursor.ts'
import type { StoredDocument } from '../schema.ts'

/** Where documents are read from. The consumer writes them: into SQL as it decides, into MongoDB as it projects. */
export interface DocumentStore {
  /** Removed ones included; undefined where there never was one. */
  byId(id: string): Promise<StoredDocument | undefined>
  /** Live ones of an owner by (createdAt, id), after `from`, at most `limit`. */
  list(asked: DocumentsAsked): Promise<StoredDocument[]>
}

export interface DocumentsAsked {
  owner: string
  descending: boolean
  from: Place | undefined
  limit: number
}
