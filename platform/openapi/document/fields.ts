import { z } from 'zod'
import type { Procedure } from '../../contract/contract.ts'
import type { JsonSchema, Schemas } from './schemas.ts'

export interface Field {
  name: string
  schema: JsonSchema
  required: boolean
  example: unknown
  /** What its text is like in a query. */
  shape: 'object' | 'array' | 'scalar'
}

/** The fields of an input over REST, by name: If-Match stands for `expectedVersion`. */
export function fieldsOf({ input, example }: Procedure, schemas: Schemas): Map<string, Field> {
  const { required = [] } = z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' })
  return new Map(
    Object.entries(input.shape)
      .filter(isOverRest)
      .map(([name, schema]) => [
        name,
        {
          name,
          schema: described(schemas.input(schema)),
          required: required.includes(name),
          example: example.input[name],
          shape: shapeOf(schema),
        },
      ]),
  )
}

/** What is said of an alternative is said of the field: of a text that may be null, say. */
function described(schema: JsonSchema): JsonSchema {
  if (schema.description !== undefined || !Array.isArray(schema.anyOf)) return schema
  const { description } = schema.anyOf.find((one: JsonSchema) => one.description !== undefined) ?? {}
  return description === undefined ? schema : { description, ...schema }
}

const isOverRest = ([name]: [string, unknown]): boolean => name !== 'expectedVersion'

function shapeOf(schema: z.core.$ZodType): Field['shape'] {
  const { def } = (schema as z.core.$ZodTypes)._zod
  if (def.type === 'object' || def.type === 'record') return 'object'
  if (def.type === 'array') return 'array'
  if ('innerType' in def) return shapeOf(def.innerType)
  return 'scalar'
}
