import { z } from 'zod'
import { contract } from '../../contract/contract.ts'
import { nothing, pageOf } from '../../contract/fields.ts'
import { defineCodes } from '../../errors/codes.ts'

/** A service with one of everything, to try the platform on. */
export const bookCodes = defineCodes({
  'book.not_found': { trpc: 'NOT_FOUND', says: 'There is no such book.' },
  'book.title_taken': { trpc: 'CONFLICT', says: 'Another book has this title.' },
  'login.wrong': { trpc: 'UNAUTHORIZED', says: 'The name or the password is wrong.' },
})

export const Book = z
  .object({ id: z.string(), version: z.int(), title: z.string(), pages: z.int().nullable(), authorId: z.string() })
  .meta({ id: 'Book', description: 'A book on the shelf.' })

const Genre = z.enum(['novel', 'poetry', 'other']).meta({ id: 'Genre' })
const sample = { id: 'b1', version: 1, title: 'Dune', pages: 412, authorId: 'a1' }

export const books = contract({
  byId: {
    kind: 'query',
    rest: 'GET /books/{id}',
    summary: 'A book',
    input: z.strictObject({ id: z.string().min(1) }),
    output: Book,
    rejects: ['book.not_found'],
    example: { input: { id: 'b1' }, output: sample },
  },
  newest: {
    kind: 'query',
    rest: 'GET /books/newest',
    summary: 'The newest book; declared after what its path would also fit',
    input: z.strictObject({}),
    output: Book,
    example: { input: {}, output: sample },
  },
  byPlace: {
    kind: 'query',
    rest: 'GET /rows/{row}/places/{place}',
    summary: 'What stands at a place',
    input: z.strictObject({ row: z.int().min(1), place: z.union([z.int(), z.literal('last')]) }),
    output: z.object({ row: z.int(), place: z.union([z.int(), z.literal('last')]) }),
    example: { input: { row: 1, place: 2 }, output: { row: 1, place: 2 } },
  },
  list: {
    kind: 'query',
    rest: 'GET /books',
    summary: 'Books, filtered',
    input: z.strictObject({
      limit: z.int().min(1).max(100).default(50),
      done: z.boolean().optional(),
      genre: z.array(Genre).max(3).optional(),
      pages: z.union([z.int(), z.enum(['many', 'few'])]).optional(),
      authorId: z.string().optional(),
      shelf: z.int().nullable().optional(),
      filter: z
        .strictObject({ title: z.string(), since: z.iso.date(), size: z.strictObject({ min: z.number() }) })
        .partial()
        .optional(),
    }),
    output: pageOf(Book).extend({ asked: z.json() }),
    aliases: { author_id: 'authorId' },
    example: {
      input: { limit: 2, done: false, genre: ['novel', 'poetry'], filter: { since: '2026-01-01', size: { min: 1 } } },
      output: { items: [sample], nextCursor: null, asked: {} },
    },
  },
  create: {
    kind: 'mutation',
    rest: 'POST /books',
    summary: 'Put a book on the shelf',
    command: true,
    status: 201,
    location: '/books/{id}',
    input: z.strictObject({
      title: z.string().min(1).max(200),
      pages: z.int().nullable().default(null),
      authorId: z.string(),
    }),
    output: Book,
    aliases: { author_id: 'authorId' },
    rejects: ['book.title_taken'],
    example: { input: { title: 'Dune', pages: 412, authorId: 'a1' }, output: sample },
  },
  update: {
    kind: 'mutation',
    rest: 'PATCH /books/{id}',
    summary: 'Change a book',
    command: true,
    input: z.strictObject({
      id: z.string(),
      title: z.string().min(1).optional(),
      pages: z.int().nullable().optional(),
      expectedVersion: z.int().optional(),
    }),
    output: Book,
    rejects: ['book.not_found', 'book.title_taken'],
    example: { input: { id: 'b1', title: 'Dune Messiah' }, output: { ...sample, version: 2, title: 'Dune Messiah' } },
  },
  remove: {
    kind: 'mutation',
    rest: 'DELETE /books/{id}',
    summary: 'Take a book off the shelf',
    command: true,
    status: 204,
    input: z.strictObject({ id: z.string(), expectedVersion: z.int().optional() }),
    output: nothing,
    rejects: ['book.not_found'],
    example: { input: { id: 'b2' } },
  },
  login: {
    kind: 'mutation',
    rest: 'POST /token',
    summary: 'A token for a name and a password',
    open: true,
    form: true,
    input: z.strictObject({ username: z.string(), password: z.string(), seconds: z.int().optional() }),
    output: z.object({ access_token: z.string(), token_type: z.literal('Bearer'), expires_in: z.int() }),
    rejects: ['login.wrong'],
    example: {
      input: { username: 'ann', password: 'secret' },
      output: { access_token: 'ann', token_type: 'Bearer', expires_in: 600 },
    },
  },
  note: {
    kind: 'mutation',
    rest: 'POST /notes/{id}',
    summary: 'Keep any JSON object',
    body: 'data',
    bodyLimit: 1024,
    input: z.strictObject({ id: z.string(), pin: z.boolean().optional(), data: z.record(z.string(), z.json()) }),
    output: z.object({ id: z.string(), pin: z.boolean(), data: z.record(z.string(), z.json()) }),
    example: {
      input: { id: 'n1', pin: true, data: { key: 'value' } },
      output: { id: 'n1', pin: true, data: { key: 'value' } },
    },
  },
  ping: {
    kind: 'mutation',
    rest: 'POST /ping',
    summary: 'Answers nothing and needs nothing',
    open: true,
    status: 204,
    input: z.strictObject({ note: z.string().optional() }),
    output: nothing,
    example: { input: {} },
  },
  count: {
    kind: 'mutation',
    rest: 'POST /count',
    summary: 'Gives a number back, as a number',
    input: z.strictObject({ n: z.number(), deep: z.json().optional() }),
    output: z.object({ n: z.number() }),
    example: { input: { n: 5 }, output: { n: 5 } },
  },
  trouble: {
    kind: 'query',
    rest: 'GET /trouble/{kind}',
    summary: 'Fails in each way there is',
    input: z.strictObject({ kind: z.enum(['failure', 'unknown', 'error', 'text', 'trpc', 'output', 'store', 'late']) }),
    output: z.object({ ok: z.boolean() }),
    rejects: ['book.title_taken'],
    example: { input: { kind: 'failure' } },
  },
  ticks: {
    kind: 'subscription',
    rest: 'GET /ticks',
    summary: 'Counts up to a number',
    input: z.strictObject({
      to: z.int().max(1000),
      lastEventId: z.string().optional(),
      fail: z.boolean().optional(),
      hold: z.boolean().optional(),
    }),
    output: z.object({ tick: z.int() }),
    example: { input: { to: 3 }, output: { tick: 1 } },
  },
})
