import { Validator } from '@seriousme/openapi-schema-validator'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { operationsContract } from '../commands/operations/contract.ts'
import { type Contract, contract } from '../contract/contract.ts'
import { pageFields } from '../contract/fields.ts'
import { createBooks } from '../http/testing/service.testing.ts'
import type { Parameter } from './document/parameters.ts'
import { ajv, document, operations, resolved } from './document.testing.ts'
import { openApiDocument } from './document.ts'

const documentOf = (contract: Contract) =>
  openApiDocument({ services: [{ name: 'x', contract, codes: {} }], info: { title: 'X', version: '1' } })
const base = {
  kind: 'query',
  summary: 'A',
  input: z.strictObject({}),
  output: z.object({}),
  example: { input: {} },
} as const
const operation = (id: string) => operations.find((one) => one.id === id)!.operation
const answer = (id: string, status: number | string) => resolved(operation(id).responses[status])
const parameter = (id: string, name: string) =>
  operation(id).parameters.find((one): one is Parameter => 'name' in one && one.name === name)

describe('the document', () => {
  test('is OpenAPI 3.1', async () => {
    const result = await new Validator().validate(JSON.parse(JSON.stringify(document)))
    expect(result.errors).toBeUndefined()
    expect(result.valid).toBe(true)
  })

  test('has schemas that are JSON Schema, and points at nothing that is not there', () => {
    for (const schema of Object.values(document.components.schemas)) expect(ajv().validateSchema(schema)).toBe(true)
    for (const [, ref] of JSON.stringify(document).matchAll(/"\$ref":"#\/components\/([^"]+)"/g)) {
      const [kind, name] = ref!.split('/')
      expect(document.components[kind!], ref).toHaveProperty([name!])
    }
  })

  test('has each route, and nothing that is tRPC only', () => {
    const rests = Object.values(createBooks().contract).flatMap(({ rest }) => rest ?? [])
    expect(operations.map(({ method, path }) => `${method.toUpperCase()} ${path}`).sort()).toEqual(rests.sort())
    expect(documentOf({ a: { ...base }, b: { ...base, rest: 'GET /b' } }).paths).toEqual({ '/b': expect.anything() })
  })

  test('names the status of success as it is', () => {
    const statuses = (id: string) => Object.keys(operation(id).responses).filter((status) => Number(status) < 400)
    expect(statuses('books.byId')).toEqual(['200', '304'])
    expect(statuses('books.list')).toEqual(['200'])
    expect(statuses('books.create')).toEqual(['201', '202'])
    expect(statuses('books.remove')).toEqual(['202', '204'])
    expect(statuses('books.login')).toEqual(['200'])
    expect(Object.keys(answer('books.ticks', 200)!.content!)).toEqual(['text/event-stream'])
  })

  test('groups the codes of failures by status', () => {
    const codes = (id: string, status: number) =>
      JSON.stringify(answer(id, status)?.content?.['application/problem+json']?.schema)
    expect(codes('books.create', 409)).toContain('"enum":["idempotency.expired","book.title_taken"]')
    expect(codes('books.update', 412)).toContain('version.mismatch')
    expect(codes('books.create', 412)).toBeUndefined()
    expect(codes('books.byId', 404)).toContain('book.not_found')
    expect(codes('books.byId', 415)).toBeUndefined()
    expect(codes('books.login', 401)).toContain('"enum":["login.wrong"]')
    expect(answer('books.byId', 401)?.description).toContain('- `auth.expired`: The token has expired')
  })

  test('takes each field from where the server takes it', () => {
    expect(parameter('books.byPlace', 'row')).toMatchObject({ in: 'path', required: true, schema: { type: 'integer' } })
    expect(parameter('books.list', 'limit')).toMatchObject({ in: 'query', required: false, schema: { default: 50 } })
    expect(parameter('books.list', 'filter')).toMatchObject({ style: 'deepObject', explode: true })
    expect(parameter('books.list', 'authorId')).toMatchObject({ description: 'Also taken as `author_id`.' })
    expect(parameter('books.note', 'pin')).toMatchObject({ in: 'query' })
    expect(operation('books.note').requestBody).toMatchObject({
      required: true,
      content: { 'application/json': { example: { key: 'value' } } },
    })
    expect(Object.keys(operation('books.login').requestBody!.content)).toEqual(['application/x-www-form-urlencoded'])
    expect(operation('books.remove').requestBody).toBeUndefined()
  })

  test('has the example of what is needed beside it, and of what is not in its schema, where it is not sent unasked', () => {
    expect(parameter('books.byPlace', 'row')).toMatchObject({ example: 1 })
    expect(parameter('books.byPlace', 'row')!.schema).not.toHaveProperty('examples')
    expect(parameter('books.list', 'limit')).toMatchObject({ schema: { examples: [2] } })
    expect(parameter('books.list', 'genre')).toMatchObject({ schema: { examples: [['novel', 'poetry']] } })
    for (const name of ['limit', 'done', 'genre', 'filter']) {
      expect(parameter('books.list', name), name).not.toHaveProperty('example')
    }
    expect(JSON.stringify(parameter('books.list', 'pages'))).not.toContain('example')
  })

  test('has the headers that apply', () => {
    const headers = (id: string) =>
      operation(id).parameters.flatMap((one) => ('$ref' in one ? one.$ref.split('/').at(-1) : []))
    expect(headers('books.create')).toEqual(['IdempotencyKey', 'Prefer', 'ConsistencyToken'])
    expect(headers('books.update')).toEqual(['IdempotencyKey', 'Prefer', 'IfMatch', 'ConsistencyToken'])
    expect(headers('books.byId')).toEqual(['IfNoneMatch', 'ConsistencyToken'])
    expect(Object.keys(answer('books.create', 201)!.headers!)).toContain('Location')
    expect(Object.keys(answer('books.byId', 503)!.headers!)).toContain('Retry-After')
  })

  test('asks for the version in If-Match alone', () => {
    expect(parameter('books.remove', 'expectedVersion')).toBeUndefined()
    expect(JSON.stringify(operation('books.update').requestBody)).not.toContain('expectedVersion')
  })

  test('has what is alike on many operations once, by a name that says whose it is', () => {
    const ref = (id: string, status: number) => operation(id).responses[status]
    expect(ref('books.create', 202)).toEqual({ $ref: '#/components/responses/Accepted' })
    expect(ref('books.byId', 304)).toEqual({ $ref: '#/components/responses/NotModified' })
    expect(ref('books.byId', 503)).toEqual({ $ref: '#/components/responses/ServiceUnavailable' })
    expect(ref('books.login', 503)).toEqual({ $ref: '#/components/responses/ServiceUnavailable' })
    expect(ref('books.create', 503)).toEqual({ $ref: '#/components/responses/ServiceUnavailableOfCommand' })
    expect(ref('books.byId', 404)).toEqual({ $ref: '#/components/responses/book.not_found' })
    expect(ref('books.create', 409)).not.toHaveProperty('$ref')
  })

  test('shows a problem of each code', async () => {
    const { examples, schemas } = document.components
    const fits = ajv().compile(schemas.Problem!)
    for (const [code, { value }] of Object.entries(examples)) {
      expect(fits(value), code).toBe(true)
      expect(value).toMatchObject({ code, type: `/docs/errors#${code}` })
    }
    const { content } = answer('books.create', 409)!
    expect(Object.keys(content!['application/problem+json']!.examples!)).toContain('book.title_taken')
  })

  test('leads from what was made to where it is read', () => {
    expect(answer('books.create', 201)!.links).toEqual({
      'books.byId': { operationId: 'books.byId', parameters: { id: '$response.body#/id' } },
    })
    const operations = { name: 'operations', contract: operationsContract, codes: {} }
    const withOperations = openApiDocument({ services: [operations], info: { title: 'X', version: '1' } })
    expect(withOperations.components.responses.Accepted!.links).toEqual({
      'operations.byId': { operationId: 'operations.byId', parameters: { id: '$response.body#/operation' } },
    })
    expect(document.components.responses.Accepted).not.toHaveProperty('links')
  })

  test('says of each list that its cursor may be another one', () => {
    const listed = documentOf({ a: { ...base, rest: 'GET /a', input: z.strictObject(pageFields) } })
    expect(listed.components.responses.BadRequestOfPage!.description).toContain('`input.cursor`')
  })

  test('says who may call', () => {
    expect(document.security).toEqual([{ bearer: [] }, { password: [] }])
    expect(document.components.securitySchemes).toMatchObject({
      password: { flows: { password: { tokenUrl: '/token' } } },
    })
    expect(operation('books.login').security).toEqual([])
    expect(operation('books.byId').security).toBeUndefined()
  })

  test('describes a body with other spellings so that either will do', () => {
    const fits = ajv().compile(operation('books.create').requestBody!.content['application/json']!.schema)
    expect(fits({ title: 'A', authorId: 'a' })).toBe(true)
    expect(fits({ title: 'A', author_id: 'a' })).toBe(true)
    expect(fits({ title: 'A' })).toBe(false)
    expect(fits({ title: 'A', authorId: 'a', author_id: 'b' })).toBe(false)
    expect(fits({ title: 'A', authorId: 'a', nope: 1 })).toBe(false)
  })

  test('keeps apart what differs under one name, and once what contains itself', () => {
    const Tag = z.object({ name: z.string().default('x') }).meta({ id: 'Tag' })
    const Tree = z.object({
      get kids() {
        return z.array(Tree)
      },
    })
    const things = contract({
      put: { ...base, kind: 'mutation', rest: 'POST /x', input: z.strictObject({ tag: Tag, tree: Tree }), output: Tag },
      get: { ...base, rest: 'GET /x', output: z.object({ tree: Tree, tag: Tag }) },
    })
    const { schemas } = documentOf(things).components
    expect(schemas.Tag).toMatchObject({ required: ['name'] })
    expect(schemas.TagInput).not.toHaveProperty('required')
    expect(JSON.stringify(schemas.Recursive)).toContain('#/components/schemas/Recursive')
  })

  test('lets answers have more fields than it names, and inputs none', () => {
    expect(document.components.schemas.Book).not.toHaveProperty('additionalProperties')
    expect(operation('books.count').requestBody!.content['application/json']!.schema.additionalProperties).toBe(false)
  })

  test('says of inputs what is taken, and no more', () => {
    const input = z.strictObject({ email: z.email(), count: z.int(), id: z.uuid() })
    const { requestBody } = documentOf({ a: { ...base, kind: 'mutation', rest: 'POST /a', input } }).paths['/a']!.post!
    expect(requestBody!.content['application/json']!.schema.properties).toEqual({
      email: { type: 'string', format: 'email', pattern: expect.any(String) },
      count: { type: 'integer', minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER },
      id: { type: 'string', format: 'uuid' },
    })
  })

  test('cannot name a code that there is not', () => {
    expect(() => documentOf({ a: { ...base, rest: 'GET /a', rejects: ['x.nope'] } })).toThrow('x.nope, which no list')
  })
})
