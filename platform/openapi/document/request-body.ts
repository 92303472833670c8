import type { Procedure } from '../../contract/contract.ts'
import { placesOf, takesBody } from '../places.ts'
import type { Route } from '../routes.ts'
import type { Field } from './fields.ts'
import type { JsonSchema } from './schemas.ts'

export interface RequestBody {
  required: boolean
  content: Record<string, { schema: JsonSchema; example?: unknown }>
}

/** The body that a route takes; undefined where it takes none, or nothing is in it. */
export function requestBodyOf({ spec, method }: Route, fields: Map<string, Field>): RequestBody | undefined {
  const places = placesOf(spec)
  if (!takesBody(places, method)) return undefined
  const type = spec.form ? 'application/x-www-form-urlencoded' : 'application/json'
  if (places.whole !== undefined) {
    const { schema, required, example } = fields.get(places.whole)!
    return { required, content: { [type]: { schema, ...(example !== undefined && { example }) } } }
  }
  const members = places.body.flatMap((name) => fields.get(name) ?? [])
  if (members.length === 0) return undefined
  const example = Object.fromEntries(
    members.flatMap(({ name, example }) => (example === undefined ? [] : [[name, example]])),
  )
  return {
    required: members.some(({ required }) => required),
    content: { [type]: { schema: objectOf(members, spec), example } },
  }
}

function objectOf(members: readonly Field[], { aliases = {}, form }: Procedure): JsonSchema {
  const spellings = Object.entries(aliases).filter(([, name]) => members.some((member) => member.name === name))
  const isAliased = (name: string) => spellings.some(([, field]) => field === name)
  const required = members.filter((member) => member.required).map(({ name }) => name)
  const oneOfThem = required.filter(isAliased).map((name) => ({
    oneOf: [name, ...spellings.filter(([, field]) => field === name).map(([alias]) => alias)].map(need),
  }))
  const plain = required.filter((name) => !isAliased(name))
  return {
    type: 'object',
    properties: {
      ...Object.fromEntries(members.map(({ name, schema }) => [name, schema])),
      ...Object.fromEntries(spellings.map(([alias, name]) => [alias, spelling(name, members)])),
    },
    ...(plain.length > 0 && { required: plain }),
    ...(oneOfThem.length > 0 && { allOf: oneOfThem }),
    ...(!form && { additionalProperties: false }),
  }
}

const need = (name: string) => ({ required: [name] })

const spelling = (name: string, members: readonly Field[]): JsonSchema => ({
  ...members.find((member) => member.name === name)!.schema,
  description: `Another spelling of \`${name}\`.`,
})
