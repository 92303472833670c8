import type { Asked } from '../system/rest.ts'

/** A request, whichever face it is for. */
export interface Call extends Asked {
  method: string
  path: string
}

/** What is wrong, as it is sent over either face, and what both answer. */
export interface Case {
  what: string
  rest?: Call
  trpc?: Call
  status: number
  code: string
  /** Over REST it is no HTTP: who stands before the services refuses it. */
  unreadable?: true
}

const post = (path: string, body: unknown): Call => ({ method: 'POST', path, body })
const get = (path: string): Call => ({ method: 'GET', path })
const mutate = (name: string, input: unknown): Call => post(`/trpc/${name}`, input)
const query = (name: string, input: unknown): Call =>
  get(`/trpc/${name}?input=${encodeURIComponent(JSON.stringify(input))}`)
const json = { 'content-type': 'application/json' }
const raw = (path: string, text: string, headers: Record<string, string> = json): Call => {
  return { method: 'POST', path, raw: text, headers }
}

/** The same input in the body of `POST /projects` and of `projects.create`. */
const project = (what: string, body: unknown, code = 'input.invalid'): Case => {
  return { what, rest: post('/projects', body), trpc: mutate('projects.create', body), status: 400, code }
}
/** The same text as the body of both. */
const text = (what: string, body: string, code = 'input.malformed'): Case => {
  return { what, rest: raw('/projects', body), trpc: raw('/trpc/projects.create', body), status: 400, code }
}
const tower = (height: number): unknown => (height === 0 ? {} : { deeper: tower(height - 1) })

/** An id that nothing has. */
const id = '01981ee4-5a30-7c1e-8a52-3f0c8f3f6a11'

export const inputs: Case[] = [
  project('an unknown field', { name: 'x', colour: 'red' }),
  project('another type', { name: 5 }),
  project('null', { name: null }),
  project('what is too long', { name: 'x'.repeat(121) }),
  project('an object for a text', { name: { $ne: null } }),
  project('nothing of what is needed', {}),
  project('NUL', { name: 'a\0b' }, 'input.malformed'),
  project('half of a surrogate pair', { name: 'a\ud800b' }, 'input.malformed'),
  project('half of one in a name', { name: 'x', '\udc00': 1 }, 'input.malformed'),
  project('a tower', { name: 'x', description: tower(21) }, 'input.malformed'),
  text('no JSON', '{"name": "x"'),
  text('a number that is none', '{"name": NaN}'),
  text('a prototype', '{"name": "x", "__proto__": {"polluted": true}}'),
  text('a number that is too large', '{"name": 1e999}'),
  text('a list', '[]', 'input.invalid'),
  text('a text', '"x"', 'input.invalid'),
  text('nothing', '', 'input.invalid'),
  {
    what: 'a document that is too deep',
    rest: post('/mongo', tower(20)),
    trpc: mutate('documents.create', { data: tower(20) }),
    status: 400,
    code: 'input.malformed',
  },
  {
    what: 'a byte that is no UTF-8',
    rest: { method: 'POST', path: '/projects', raw: new Uint8Array([123, 34, 0xff, 34, 125]), headers: json },
    trpc: { method: 'POST', path: '/trpc/projects.create', raw: new Uint8Array([34, 0xff, 34]), headers: json },
    status: 400,
    code: 'input.malformed',
  },
  {
    what: 'operators in a filter',
    rest: get('/tasks?project_id=1&state[$ne]=done'),
    trpc: query('tasks.list', { projectId: '1', state: { $ne: 'done' } }),
    status: 400,
    code: 'input.invalid',
  },
  {
    what: 'operators for a whole filter',
    rest: get('/users?q[$regex]=.*'),
    trpc: query('users.list', { q: { $regex: '.*' } }),
    status: 400,
    code: 'input.invalid',
  },
  {
    what: 'a prototype in a query',
    rest: get('/users?__proto__[admin]=true'),
    status: 400,
    code: 'input.invalid',
  },
  {
    what: 'an unknown sort',
    rest: get('/users?sort=password'),
    trpc: query('users.list', { sort: 'password' }),
    status: 400,
    code: 'input.invalid',
  },
  {
    what: 'a page that is too large',
    rest: get('/users?limit=101'),
    trpc: query('users.list', { limit: 101 }),
    status: 400,
    code: 'input.invalid',
  },
  {
    what: 'a number as text',
    rest: get('/users?limit=ten'),
    trpc: query('users.list', { limit: '10' }),
    status: 400,
    code: 'input.invalid',
  },
  { what: 'a value given twice', rest: get('/users?limit=1&limit=2'), status: 400, code: 'input.invalid' },
  {
    what: 'two spellings that differ',
    rest: post('/tasks', { project_id: 1, projectId: 2, title: 'x' }),
    status: 400,
    code: 'input.invalid',
  },
  {
    what: 'an id that is none',
    rest: get('/mongo/123'),
    trpc: query('documents.byId', { id: '123' }),
    status: 400,
    code: 'input.invalid',
  },
  {
    what: 'a path that is no UTF-8',
    rest: get('/users/%E0%A4%A'),
    status: 400,
    code: 'input.malformed',
    unreadable: true,
  },
  {
    what: 'NUL in a path',
    rest: get('/users/a%00b'),
    trpc: query('users.byId', { id: 'a\0b' }),
    status: 400,
    code: 'input.malformed',
  },
  {
    what: 'nonsense for a cursor',
    rest: get('/users?cursor=nonsense'),
    trpc: query('users.list', { cursor: 'nonsense' }),
    status: 400,
    code: 'input.cursor',
  },
  {
    what: 'a body where none is taken',
    rest: { method: 'DELETE', path: `/mongo/${id}`, body: {} },
    status: 400,
    code: 'input.malformed',
  },
  { what: 'input that is no JSON', trpc: get('/trpc/users.list?input=%7B'), status: 400, code: 'input.malformed' },
]

export const requests: Case[] = [
  {
    what: 'a path that leads nowhere',
    rest: get('/nowhere'),
    trpc: get('/trpc/users.nowhere'),
    status: 404,
    code: 'route.unknown',
  },
  { what: 'a service that is none', trpc: get('/trpc/nobody.nowhere'), status: 404, code: 'route.unknown' },
  {
    what: 'a method that is not taken',
    rest: { method: 'PUT', path: '/projects', body: {} },
    trpc: get('/trpc/projects.create'),
    status: 405,
    code: 'route.method',
  },
  {
    what: 'a method that nothing takes',
    trpc: { method: 'DELETE', path: '/trpc/users.me' },
    status: 405,
    code: 'route.method',
  },
  {
    what: 'another content type',
    rest: raw('/projects', '{"name":"x"}', { 'content-type': 'text/plain' }),
    trpc: raw('/trpc/projects.create', '{"name":"x"}', { 'content-type': 'text/plain' }),
    status: 415,
    code: 'input.media_type',
  },
  {
    what: 'a form where JSON is taken',
    rest: raw('/projects', 'name=x', { 'content-type': 'application/x-www-form-urlencoded' }),
    trpc: raw('/trpc/projects.create', 'name=x', { 'content-type': 'application/x-www-form-urlencoded' }),
    status: 415,
    code: 'input.media_type',
  },
  {
    what: 'a body that says it is compressed',
    rest: raw('/projects', '{"name":"x"}', { ...json, 'content-encoding': 'gzip' }),
    trpc: raw('/trpc/projects.create', '{"name":"x"}', { ...json, 'content-encoding': 'gzip' }),
    status: 415,
    code: 'input.media_type',
  },
  {
    what: 'another character set',
    rest: raw('/projects', '{"name":"x"}', { 'content-type': 'application/json; charset=utf-16' }),
    trpc: raw('/trpc/projects.create', '{"name":"x"}', { 'content-type': 'application/json; charset=utf-16' }),
    status: 415,
    code: 'input.media_type',
  },
  {
    what: 'a body that is too large',
    rest: post('/projects', { name: 'x', description: 'x'.repeat(64 * 1024) }),
    trpc: mutate('projects.create', { name: 'x', description: 'x'.repeat(64 * 1024) }),
    status: 413,
    code: 'input.too_large',
  },
  {
    what: 'a document that is too large',
    rest: post('/mongo', { text: 'x'.repeat(256 * 1024) }),
    trpc: mutate('documents.create', { data: { text: 'x'.repeat(256 * 1024) } }),
    status: 413,
    code: 'input.too_large',
  },
  {
    what: 'an address that is too long',
    rest: get(`/users?q=${'x'.repeat(8 * 1024)}`),
    trpc: get(`/trpc/users.list?input=${'x'.repeat(8 * 1024)}`),
    status: 414,
    code: 'input.too_large',
  },
  {
    what: 'a key that is none',
    rest: { ...post('/projects', { name: 'x' }), headers: { 'idempotency-key': 'k\x80y' } },
    trpc: { ...mutate('projects.create', { name: 'x' }), headers: { 'idempotency-key': 'x'.repeat(201) } },
    status: 400,
    code: 'idempotency.invalid',
  },
  {
    what: 'If-Match where there is no version',
    rest: { ...post('/projects', { name: 'x' }), headers: { 'if-match': '"1"' } },
    trpc: { ...mutate('projects.create', { name: 'x' }), headers: { 'if-match': '"1"' } },
    status: 400,
    code: 'version.invalid',
  },
  {
    what: 'a batch over two services',
    trpc: get('/trpc/users.me,projects.list?batch=1&input=%7B%7D'),
    status: 400,
    code: 'batch.mixed',
  },
  {
    what: 'a batch of eleven',
    trpc: get(`/trpc/${Array(11).fill('users.me').join(',')}?batch=1&input=%7B%7D`),
    status: 400,
    code: 'batch.too_large',
  },
  {
    what: 'a batch of changes under one key',
    trpc: { ...mutate('users.logout,users.logout?batch=1', {}), headers: { 'idempotency-key': 'k' } },
    status: 400,
    code: 'batch.headers',
  },
]
