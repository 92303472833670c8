import { z } from 'zod'

export type JsonSchema = Record<string, unknown>
type Schema = z.core.$ZodType
type Io = 'input' | 'output'

/** Schemas of the document: those with an id, and those that contain themselves, stand once among its components. */
export interface Schemas {
  input(schema: Schema): JsonSchema
  output(schema: Schema): JsonSchema
  components(): Record<string, JsonSchema>
}

/** @param outputs what answers are made of: an id that is used on both sides names the answer's form. */
export function createSchemas(outputs: readonly Schema[]): Schemas {
  /** By name: the schema, and what tells it from another one that wants the same name. */
  const named = new Map<string, { identity: string; schema: JsonSchema }>()
  for (const output of outputs) convert(output, 'output')

  return {
    input: (schema) => convert(schema, 'input'),
    output: (schema) => convert(schema, 'output'),
    components: () => Object.fromEntries([...named].map(([name, { schema }]) => [name, schema])),
  }

  function convert(schema: Schema, io: Io): JsonSchema {
    const json = z.toJSONSchema(schema, { io, unrepresentable: 'any', override: tidy(io) })
    const { $schema: _, $defs = {}, ...rest } = json as JsonSchema & { $defs?: Record<string, JsonSchema> }
    const names = new Map(Object.keys($defs).map((local) => [local, nameOf(local, $defs, io)]))
    for (const [local, name] of names) named.get(name)!.schema = pointed($defs[local]!, names)
    return pointed(rest, names)
  }

  function nameOf(local: string, defs: Record<string, JsonSchema>, io: Io): string {
    const identity = JSON.stringify(reachable(local, defs).map((name) => [name, defs[name]]))
    const wanted = local.startsWith('__') ? 'Recursive' : local
    const candidates = [wanted, ...(io === 'input' ? [`${wanted}Input`] : []), ...NUMBERS.map((n) => `${wanted}${n}`)]
    const name = candidates.find((candidate) => (named.get(candidate)?.identity ?? identity) === identity)
    if (!name) throw new Error(`too many schemas are called ${wanted}`)
    if (!named.has(name)) named.set(name, { identity, schema: {} })
    return name
  }
}

const NUMBERS = [2, 3, 4, 5, 6, 7, 8, 9]

/** A definition and all that it refers to. */
function reachable(local: string, defs: Record<string, JsonSchema>, seen = new Set<string>()): string[] {
  if (seen.has(local)) return []
  seen.add(local)
  const refs = JSON.stringify(defs[local]).matchAll(/"#\/\$defs\/([^"]+)"/g)
  for (const [, name] of refs) reachable(name!, defs, seen)
  return [...seen]
}

const pointed = (schema: JsonSchema, names: Map<string, string>): JsonSchema =>
  JSON.parse(JSON.stringify(schema), (key, value) =>
    key === '$ref' ? `#/components/schemas/${names.get(String(value).slice('#/$defs/'.length))}` : value,
  )

/**
 * Takes out what says nothing: the bounds of a double's integers in answers, the pattern behind a format, unless it is an
 * email's, where ours is narrower. And lets answers have more fields than are named, as those of a newer version will.
 */
const tidy = (io: Io) => (context: { zodSchema: z.core.$ZodTypes; jsonSchema: z.core.JSONSchema.BaseSchema }) => {
  const { jsonSchema: json, zodSchema } = context
  if (io === 'output' && json.minimum === Number.MIN_SAFE_INTEGER) delete json.minimum
  if (io === 'output' && json.maximum === Number.MAX_SAFE_INTEGER) delete json.maximum
  if (json.format !== undefined && json.format !== 'email') delete json.pattern
  const { def } = zodSchema._zod
  if (io === 'output' && def.type === 'object' && !def.catchall) delete json.additionalProperties
}
