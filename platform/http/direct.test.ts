import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Entity } from '../commands/command.ts'
import { formatToken } from '../commands/watermarks/token.ts'
import { endpointsOf } from '../trpc/call.ts'
import { createDirect } from './direct.ts'
import { bookApp, dune, type TestApp } from './testing/app.testing.ts'
import { books } from './testing/books.testing.ts'
import { contextOf } from './testing/context.testing.ts'
import { createBooks } from './testing/service.testing.ts'

describe('the direct lane', () => {
  const lane = createDirect(endpointsOf(createBooks(new Map<string, Entity>([['b1', dune]])).router))
  const take = (method: string, name: string, query = '', headers: Record<string, string> = {}) => {
    const request = new Request('http://localhost', { method, headers })
    return lane({ name, query, request, body: '{}', ctx: contextOf() })
  }
  test('takes every ordinary call', () => {
    for (const [name, { kind }] of Object.entries(books)) {
      if (kind === 'query') expect(take('GET', `books.${name}`, 'input=%7B%7D'), name).toBeDefined()
      if (kind === 'mutation') expect(take('POST', `books.${name}`, '', json), name).toBeDefined()
    }
  })

  test.each<[string, Parameters<typeof take>]>([
    ['an unknown procedure', ['GET', 'books.none']],
    ['a subscription', ['GET', 'books.ticks', 'input=%7B%22to%22%3A1%7D']],
    ['a wrong method', ['POST', 'books.byId', '', json]],
    ['HEAD', ['HEAD', 'books.byId']],
    ['a batch', ['GET', 'books.byId', 'batch=1&input=%7B%7D']],
    ['a query that cannot be decoded', ['GET', 'books.byId', 'input=%']],
    ['a body that is not JSON', ['POST', 'books.count', '', { 'content-type': 'text/plain' }]],
    ['whoever wants a stream', ['GET', 'books.byId', '', { 'trpc-accept': 'application/jsonl' }]],
  ])('leaves %s to tRPC', (_, call) => {
    expect(take(...call)).toBeUndefined()
  })
})

// One of the two answers by the direct lane where that takes the call, the other one always by tRPC's own handler.
const [direct, own] = [app(true), app(false)]

function app(directLane: boolean): TestApp {
  return bookApp({ directLane }, new Map<string, Entity>([['b1', dune]]))
}

interface Sent {
  method: string
  path: string
  query: string
  body: string | undefined
  headers: Record<string, string>
}

async function answerOf({ get, send }: TestApp, { method, path, query, body, headers }: Sent) {
  const target = `/trpc/${path}${query === '' ? '' : `?${query}`}`
  const sent = { 'x-request-id': 'same', ...headers }
  const response = await (method === 'GET' ? get(target, sent) : send(method, target, body, sent))
  const { traceresponse, ...same } = Object.fromEntries(response.headers)
  expect(traceresponse).toBeDefined()
  return { status: response.status, headers: same, body: await response.text() }
}

/** Inputs that mean something to their procedure. */
const meant: [name: string, input: unknown][] = [
  ['byId', { id: 'b1' }],
  ['byId', { id: 'b 1+&=%ё😀' }],
  ['byId', { id: 5 }],
  ['newest', undefined],
  ['byPlace', { row: 1, place: 'last' }],
  ['list', { limit: 5, filter: { size: { min: 1 } } }],
  ['create', { title: 'Emma', authorId: 'a1' }],
  ['create', { title: '', authorId: 'a1' }],
  ['update', { id: 'b1', pages: 7 }],
  ['update', { id: 'b1', pages: 7, expectedVersion: 3 }],
  ['remove', { id: 'none' }],
  ['note', { id: 'b1', data: { key: 'value' }, pin: true }],
  ['login', { username: 'ann', password: 'secret' }],
  ['login', { username: 'ann', password: 'wrong' }],
  ['ping', {}],
  ['count', { n: 5 }],
  ['count', { n: '5' }],
  ['count', { n: 1, deep: { a: [null, 1.5, 'x'] } }],
  ['count', { n: 1, deep: 'a\0' }],
  ['count', { n: 1, deep: '\ud800' }],
  ['count', { n: 1, nope: true }],
  ...['failure', 'unknown', 'error', 'text', 'trpc', 'output', 'store'].map((kind): [string, unknown] => [
    'trouble',
    { kind },
  ]),
]
const inputs = fc.oneof(
  fc.constantFrom(...meant).map(([, input]) => input),
  fc.json({ maxDepth: 3 }).map((text) => JSON.parse(text)),
)
const texts = fc.oneof(
  { weight: 8, arbitrary: inputs.map((value) => JSON.stringify(value) ?? '') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('', '{', '{"id":', 'undefined', ' {"id":"b1"} ', `${'['.repeat(30)}${']'.repeat(30)}`),
  },
)
const queries = fc.oneof(
  { weight: 8, arbitrary: texts.map((text) => `input=${encodeURIComponent(text)}`) },
  { weight: 1, arbitrary: texts.map((text) => String(new URLSearchParams({ input: text }))) },
  { weight: 1, arbitrary: texts.map((text) => String(new URLSearchParams({ other: '1', input: text }))) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '',
      'input',
      'input=',
      'input=%',
      'input=%ff',
      'input=%7B%7D&input=1',
      'batch=0',
      'Input=1',
    ),
  },
)
const names = Object.keys(books).filter((name) => name !== 'ticks')
const paths = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...names).map((name) => `books.${name}`) },
  { weight: 1, arbitrary: fc.constantFrom(...names).map((name) => `%62ooks.${name}/`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('books', 'books.none', 'books.byId,books.byId', 'toString', '', '//books.newest'),
  },
)
const maybe = (name: string, ...values: string[]) =>
  fc
    .option(fc.constantFrom(...values))
    .map((value): Record<string, string> => (value === null ? {} : { [name]: value }))
const seldom = (name: string, ...values: string[]) =>
  fc.oneof({ weight: 6, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: maybe(name, ...values) })

const headers = fc
  .tuple(
    seldom('authorization', '', 'Bearer expired', 'Bearer ?', 'Basic Og=='),
    seldom(
      'content-type',
      'text/plain',
      'Application/JSON; charset=utf-8',
      'application/json; charset=utf-16',
      'multipart/form-data; boundary=x',
      '',
    ),
    seldom('content-encoding', 'gzip', 'identity'),
    seldom('accept', 'application/jsonl', '*/*', 'text/html'),
    seldom('if-match', '"3"', '"3-b1"', '"3-b2"', '"x"', '*'),
    seldom('idempotency-key', 'k1', 'k2', ''),
    fc.oneof(seldom('prefer', 'wait=0', 'wait=x'), maybe('prefer', 'respond-async')),
    seldom('consistency-token', formatToken(new Map([[1, 5]])), 'nonsense'),
    seldom('last-event-id', '5'),
  )
  .map((all) => Object.assign({}, ...all) as Record<string, string>)

const json = { 'content-type': 'application/json' }

function ordinary(name: string, input: unknown, headers = {}): Sent {
  const text = input === undefined ? '' : JSON.stringify(input)
  const path = `books.${name}`
  if (books[name as keyof typeof books].kind === 'mutation') {
    return { method: 'POST', path, query: '', body: text, headers: { ...json, ...headers } }
  }
  return { method: 'GET', path, query: text && `input=${encodeURIComponent(text)}`, body: undefined, headers }
}

const sensible = fc
  .tuple(fc.constantFrom(...meant), headers)
  .map(([[name, input], headers]) => ordinary(name, input, headers))
const methods = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('GET', 'POST') },
  { weight: 1, arbitrary: fc.constantFrom('PUT', 'DELETE', 'HEAD', 'OPTIONS') },
)
const wild = fc
  .record({ method: methods, path: paths, query: queries, text: texts, headers })
  .map(({ method, path, query, text, headers }): Sent => {
    if (method === 'GET' || method === 'HEAD') return { method, path, query, body: undefined, headers }
    return { method, path, query, body: text, headers: { ...json, ...headers } }
  })

/** One call for each status that the two can answer. */
const answered: [status: number, sent: Sent][] = [
  [200, ordinary('byId', { id: 'b1' })],
  [202, ordinary('create', { title: 'Emma', authorId: 'a1' }, { prefer: 'respond-async' })],
  [400, ordinary('byId', { id: 5 })],
  [401, ordinary('byId', { id: 'b1' }, { authorization: 'Bearer expired' })],
  [404, ordinary('byId', { id: 'none' })],
  [405, { ...ordinary('byId', { id: 'b1' }), method: 'PUT' }],
  [409, ordinary('create', { title: 'Dune', authorId: 'a1' })],
  [412, ordinary('update', { id: 'b1', pages: 7 }, { 'if-match': '"2"' })],
  [415, ordinary('ping', {}, { 'content-type': 'text/plain' })],
  [500, ordinary('trouble', { kind: 'error' })],
  [503, ordinary('trouble', { kind: 'store' })],
]

describe('the direct lane and the handler of tRPC', () => {
  test.each(answered)('answer the same %i', async (status, sent) => {
    const answer = await answerOf(direct, sent)
    expect(answer.status).toBe(status)
    expect(answer).toEqual(await answerOf(own, sent))
  })

  test('answer the same status, headers and bytes, whatever is sent', async () => {
    const same = fc.asyncProperty(fc.oneof(sensible, wild), async (sent) => {
      expect(await answerOf(direct, sent)).toEqual(await answerOf(own, sent))
    })
    await fc.assert(same, { numRuns: 1000 })
  })

  test('answer the same to the example of each procedure', async () => {
    for (const [name, { example }] of Object.entries(books)) {
      const sent = ordinary(name, example.input)
      expect(await answerOf(direct, sent), name).toEqual(await answerOf(own, sent))
    }
  })
})
