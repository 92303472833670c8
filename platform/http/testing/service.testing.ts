import { TRPCError, tracked } from '@trpc/server'
import type { Entity } from '../../commands/command.ts'
import { requireVersion } from '../../commands/send/require-version.ts'
import type { Watermarks } from '../../commands/watermarks/watermarks.ts'
import { Failure } from '../../errors/failure.ts'
import type { Service } from '../../service.ts'
import { implement } from '../../trpc/implement.ts'
import { bookCodes, books } from './books.testing.ts'
import { createMemoryEdge } from './edge.testing.ts'

export interface Book extends Entity {
  title: string
  pages: number | null
  authorId: string
}

export const reached: Pick<Watermarks, 'reach'> = { reach: async () => true }

/** The books service over a map. */
export function createBooks(entities = new Map<string, Entity>(), watermarks = reached): Service {
  const commands = createMemoryEdge(entities)
  const parts = { commands, watermarks, mark: 'served', codes: bookCodes } as const
  const { procedure, router } = implement('books', books, parts)
  const one = (id: string): Book => {
    const book = entities.get(id)
    if (!book || book.deleted) throw new Failure('book.not_found', `There is no book ${id}.`, { extra: { id } })
    return book as Book
  }

  return {
    name: 'books',
    contract: books,
    codes: bookCodes,
    router: router({
      byId: procedure.byId.query(async ({ input }) => one(input.id)),
      newest: procedure.newest.query(async () => one([...entities.keys()].at(-1) ?? 'none')),
      byPlace: procedure.byPlace.query(async ({ input }) => input),
      list: procedure.list.query(async ({ input }) => ({
        items: [...entities.values()] as Book[],
        nextCursor: null,
        asked: input,
      })),
      create: procedure.create.mutation(async ({ input, newId }) => {
        if ([...entities.values()].some((book) => (book as Book).title === input.title)) {
          throw new Failure('book.title_taken', undefined, { extra: { title: input.title } })
        }
        return { type: 'book.create', entity: newId, root: newId, payload: input }
      }),
      update: procedure.update.mutation(async ({ input: { id, expectedVersion, ...payload } }) => {
        requireVersion(one(id), expectedVersion)
        return { type: 'book.update', entity: one(id).id, root: id, payload, expectedVersion }
      }),
      remove: procedure.remove.mutation(async ({ input: { id, expectedVersion } }) => {
        return { type: 'book.remove', entity: one(id).id, root: id, payload: { deleted: true }, expectedVersion }
      }),
      login: procedure.login.mutation(async ({ input: { username, password, seconds = 600 } }) => {
        if (password !== 'secret') throw new Failure('login.wrong')
        return { access_token: username, token_type: 'Bearer', expires_in: seconds }
      }),
      note: procedure.note.mutation(async ({ input: { pin = false, ...rest } }) => ({ pin, ...rest })),
      ping: procedure.ping.mutation(async () => undefined),
      count: procedure.count.mutation(async ({ input, ctx }) => {
        ctx.reply.headers.set('X-Counted', String(input.n))
        return { ...input, more: 'than is shown' }
      }),
      trouble: procedure.trouble.query(async ({ input, ctx }) => trouble(input.kind, ctx.signal)),
      ticks: procedure.ticks.subscription(async function* ({ input: { lastEventId = '0', to, fail, hold }, ctx }) {
        for (let tick = Number(lastEventId) + 1; tick <= to; tick++) yield tracked(String(tick), { tick, hidden: true })
        if (fail) throw new Failure('book.not_found')
        if (hold) await fired(ctx.signal)
      }),
    }),
  }
}

async function trouble(kind: string, signal: AbortSignal): Promise<{ ok: boolean }> {
  if (kind === 'failure') throw new Failure('book.title_taken', 'It is taken.', { extra: { by: 'b1', code: 'x' } })
  if (kind === 'unknown') throw new Failure('book.unheard_of', 'SELECT secret')
  if (kind === 'error') throw new Error('SELECT secret FROM books')
  if (kind === 'text') throw 'SELECT secret'
  if (kind === 'trpc') throw new TRPCError({ code: 'FORBIDDEN', message: 'SELECT secret' })
  if (kind === 'store') throw Object.assign(new Error('SELECT secret'), { unavailable: true })
  if (kind === 'late') await fired(signal).then(() => signal.throwIfAborted())
  return { ok: 'SELECT secret' } as unknown as { ok: boolean }
}

const fired = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
