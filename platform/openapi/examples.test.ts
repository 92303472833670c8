import { expect, test } from 'vitest'
import type { Entity } from '../commands/command.ts'
import { bookApp, dune } from '../http/testing/app.testing.ts'
import type { Parameter } from './document/parameters.ts'
import { ajv, document, operations, resolved } from './document.testing.ts'

// The document is what the server does: each operation, called with its example, answers as the document says.
test.each(operations)('$id answers its example as documented', async ({ path, method, operation }) => {
  const entities = new Map<string, Entity>(['b1', 'b2'].map((id) => [id, { ...dune, id, title: id }]))
  const response = await bookApp({}, entities).send(
    method.toUpperCase(),
    urlOf(path, operation.parameters),
    ...bodyOf(),
  )
  const documented = resolved(operation.responses[String(response.status)])
  const type = response.headers.get('content-type') ?? ''
  const text = await response.text()
  expect(documented, `${response.status} ${text}`).toBeDefined()
  expect(Object.keys(documented!.content ?? { '': null })).toContain(type)
  for (const name of Object.keys(documented!.headers ?? {})) expect(response.headers.has(name), name).toBe(true)
  if (type === '' || type === 'text/event-stream') return
  const { schema } = documented!.content![type]!
  const fits = ajv().compile({ ...schema, components: document.components })
  expect(fits(JSON.parse(text)), JSON.stringify(fits.errors)).toBe(true)

  function bodyOf(): [unknown?, Record<string, string>?] {
    const [type, content] = Object.entries(operation.requestBody?.content ?? {})[0] ?? []
    if (!type || !content) return []
    const isForm = type !== 'application/json'
    const body = isForm
      ? String(new URLSearchParams(content.example as Record<string, string>))
      : JSON.stringify(content.example)
    return [body, { 'content-type': type }]
  }
})

function urlOf(path: string, parameters: readonly object[]): string {
  const own = (parameters as Parameter[]).filter((one) => 'name' in one)
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name) => String(exampleOf(own.find((one) => one.name === name)!)))
  const pairs = own.filter((one) => one.in === 'query').flatMap((one) => pairsOf(one.name, exampleOf(one)))
  return `${filled}?${new URLSearchParams(pairs)}`
}

function exampleOf({ example, schema }: Parameter): unknown {
  return example ?? (Array.isArray(schema.examples) ? schema.examples[0] : undefined)
}

function pairsOf(name: string, value: unknown): [string, string][] {
  if (value === undefined) return []
  if (Array.isArray(value)) return value.flatMap((item) => pairsOf(name, item))
  if (typeof value !== 'object' || value === null) return [[name, String(value)]]
  return Object.entries(value).flatMap(([key, member]) => pairsOf(`${name}[${key}]`, member))
}
