import type { z } from 'zod'
import { canonicalJson } from '../../platform/commands/canonical.ts'
import { partitionOf } from '../../platform/log/partition.ts'
import { type Page, parseCursor, toPage } from '../../platform/reads/cursor.ts'
import type { Reads } from '../../platform/reads/reads.ts'
import type { List, StoredDocument } from './schema.ts'
import type { DocumentStore } from './store/port.ts'

/** What a caller may see is for the caller to judge. */
export interface DocumentQueries {
  byId(id: string): Promise<StoredDocument | undefined>
  list(owner: string, asked: z.output<typeof List>): Promise<Page<StoredDocument>>
}

export function documentQueries(store: DocumentStore, reads: Reads): DocumentQueries {
  const reader = reads.entity<StoredDocument>({
    kind: 'document',
    partition: ({ ownerId }) => partitionOf(ownerId),
    load: store.byId,
  })

  async function page(owner: string, { limit, cursor, sort }: z.output<typeof List>): Promise<Page<StoredDocument>> {
    const list = canonicalJson({ documents: owner, sort })
    const from = cursor === undefined ? undefined : parseCursor(list, cursor)
    const rows = await store.list({ owner, descending: sort === '-createdAt', from, limit: limit + 1 })
    return toPage(rows, { list, limit, place: ({ createdAt, id }) => [createdAt, id], item: (row) => row })
  }

  return {
    byId: (id) => reader.one(id.toLowerCase()),
    list: (owner, asked) =>
      reads.list(`documents:${owner}`, partitionOf(owner), canonicalJson(asked), () => page(owner, asked)),
  }
}
