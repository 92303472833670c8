import type { AnyRouter } from '@trpc/server'
import type { Actor } from '../../platform/auth/actor.ts'
import type { CommandEdge } from '../../platform/commands/send/edge.ts'
import { requireVersion } from '../../platform/commands/send/require-version.ts'
import type { Watermarks } from '../../platform/commands/watermarks/watermarks.ts'
import { Failure } from '../../platform/errors/failure.ts'
import type { Reads } from '../../platform/reads/reads.ts'
import { implement } from '../../platform/trpc/implement.ts'
import { codes, documents } from './contract.ts'
import { createDocument, removeDocument, replaceDocument } from './drafts.ts'
import { documentQueries } from './queries.ts'
import type { StoredDocument } from './schema.ts'
import type { DocumentStore } from './store/port.ts'

export interface DocumentsParts {
  store: DocumentStore
  reads: Reads
  commands: CommandEdge
  watermarks: Pick<Watermarks, 'reach'>
}

/** Free JSON objects, each its owner's alone. */
export function documentsRouter({ store, reads, commands, watermarks }: DocumentsParts): AnyRouter {
  const { procedure, router } = implement('documents', documents, { watermarks, commands, codes, mark: 'served' })
  const queries = documentQueries(store, reads)

  return router({
    create: procedure.create.mutation(async ({ input: { data }, ctx, newId }) => {
      return createDocument({ id: newId, ownerId: ctx.actor.id }, data)
    }),
    byId: procedure.byId.query(({ input, ctx }) => own(input, ctx.actor)),
    list: procedure.list.query(({ input, ctx }) => queries.list(ctx.actor.id, input)),
    update: procedure.update.mutation(async ({ input, ctx }) => {
      return replaceDocument(await own(input, ctx.actor), input.data, input.expectedVersion)
    }),
    remove: procedure.remove.mutation(async ({ input, ctx }) => {
      return removeDocument(await own(input, ctx.actor), input.expectedVersion)
    }),
  })

  async function own({ id, expectedVersion }: Reference, actor: Actor): Promise<StoredDocument> {
    const document = await queries.byId(id)
    if (document?.ownerId !== actor.id) throw new Failure('document.not_found')
    requireVersion(document, expectedVersion)
    return document
  }
}

interface Reference {
  id: string
  expectedVersion?: number | undefined
}
