import type { AnyRouter } from '@trpc/server'
import type { CommandEdge } from '../../platform/commands/edge.ts'
import type { Watermarks } from '../../platform/commands/watermarks.ts'
import { Failure } from '../../platform/errors/failure.ts'
import type { Reads } from '../../platform/reads/reads.ts'
import { implement } from '../../platform/trpc/implement.ts'
import { codes, documents } from './contract.ts'
import { documentQueries } from './queries.ts'
import { commandSchema, type StoredDocument } from './schema.ts'
import type { DocumentStore } from './store/port.ts'

export interface DocumentsParts {
  store: DocumentStore
  reads: Reads
  commands: CommandEdge
  watermarks: Pick<Watermarks, 'reach'>
}

/** Free JSON objects, each its owner's alone. */
export function documentsRouter({ store, reads, commands, watermarks }: DocumentsParts): AnyRouter {
  const queries = documentQueries(store, reads)
  const { procedure, router } = implement('documents', documents, { commands, watermarks, mark: 'served', codes })

  async function own(id: string, actor: { id: string }): Promise<StoredDocument> {
    const document = await queries.byId(id)
    if (!document || document.ownerId !== actor.id) throw new Failure('document.not_found')
    return document
  }
  const change = (type: string, entity: string, owner: string, payload: Record<string, unknown>) => ({
    type,
    schema: commandSchema,
    entity,
    root: owner,
    payload,
  })

  return router({
    create: procedure.create.mutation(async ({ input, ctx, newId }) =>
      change('document.create', newId, ctx.actor.id, { data: input.data }),
    ),
    byId: procedure.byId.query(async ({ input, ctx }) => own(input.id, ctx.actor)),
    list: procedure.list.query(async ({ input, ctx }) => queries.list(ctx.actor.id, input)),
    update: procedure.update.mutation(async ({ input, ctx }) => {
      const { id, ownerId } = await own(input.id, ctx.actor)
      return { ...change('document.replace', id, ownerId, { data: input.data }), ...expected(input) }
    }),
    remove: procedure.remove.mutation(async ({ input, ctx }) => {
      const { id, ownerId } = await own(input.id, ctx.actor)
      return { ...change('document.remove', id, ownerId, {}), ...expected(input) }
    }),
  })
}

const expected = ({ expectedVersion }: { expectedVersion?: number | undefined }) =>
  expectedVersion === undefined ? {} : { expectedVersion }
