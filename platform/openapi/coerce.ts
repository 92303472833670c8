import { z } from 'zod'
import { type Texts, textsOf } from './texts.ts'

/** From text to what the schema may take. What does not fit is left as text, for the schema itself to refuse. */
export type Coerce = (texts: Texts) => unknown

type Schema = z.core.$ZodType

/**
 * How text becomes a value is read off the schema, once, and happens outside of it: the schema stays strict for JSON.
 */
export function coercionOf(schema: Schema): Coerce {
  const { def } = (schema as z.core.$ZodTypes)._zod
  switch (def.type) {
    case 'number':
      return single((text) => (DECIMAL.test(text) ? Number(text) : text))
    case 'bigint':
      return single((text) => (INTEGER.test(text) ? BigInt(text) : text))
    case 'boolean':
      return single((text) => (text === 'true' ? true : text === 'false' ? false : text))
    case 'null':
      return single((text) => (text === 'null' ? null : text))
    case 'literal':
      return oneOf(def.values)
    case 'enum':
      return oneOf(Object.values(def.entries))
    case 'optional':
    case 'default':
    case 'prefault':
    case 'nonoptional':
    case 'readonly':
    case 'catch':
      return coercionOf(def.innerType)
    case 'nullable':
      return nullable(def.innerType)
    case 'lazy':
      return lazily(def.getter)
    case 'pipe':
      return coercionOf((def.in as z.core.$ZodTypes)._zod.def.type === 'transform' ? def.out : def.in)
    case 'array':
      return array(coercionOf(def.element))
    case 'object':
      return object(def.shape)
    case 'record':
      return record(coercionOf(def.valueType))
    case 'union':
      return union(def.options)
    default:
      return asText
  }
}

/** A JSON number; not `0x10`, not `1_000`, not `Infinity`, not nothing. */
const DECIMAL = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/
const INTEGER = /^-?\d+$/

/** Whatever was sent, as it was sent. */
const asText: Coerce = ({ values, members }) => {
  if (members.size > 0) return fromEntries(members, asText)
  return values.length === 1 ? values[0] : values
}

const single =
  (read: (text: string) => unknown): Coerce =>
  (texts) =>
    texts.values.length === 1 && texts.members.size === 0 ? read(texts.values[0]!) : asText(texts)

const oneOf = (values: readonly unknown[]): Coerce => {
  const byText = new Map(values.map((value) => [String(value), value]))
  return single((text) => (byText.has(text) ? byText.get(text) : text))
}

/** `null` is null, unless it is a text that fits. */
function nullable(inner: Schema): Coerce {
  const coerce = coercionOf(inner)
  return (texts) => {
    const value = coerce(texts)
    return value === 'null' && issuesOf(inner, value) > 0 ? null : value
  }
}

/** Read when text for it comes: a schema may contain itself. */
function lazily(getter: () => Schema): Coerce {
  let coerce: Coerce | undefined
  return (texts) => {
    coerce ??= coercionOf(getter())
    return coerce(texts)
  }
}

/** A repeated key; given once it is an array of one. */
const array =
  (element: Coerce): Coerce =>
  (texts) =>
    texts.members.size > 0 ? asText(texts) : texts.values.map((value) => element(textsOf(value)))

function object(shape: Readonly<Record<string, Schema>>): Coerce {
  const fields = new Map(Object.entries(shape).map(([name, schema]) => [name, lazily(() => schema)]))
  return (texts) =>
    texts.values.length > 0
      ? asText(texts)
      : fromEntries(texts.members, (member, name) => (fields.get(name) ?? asText)(member))
}

const record =
  (value: Coerce): Coerce =>
  (texts) =>
    texts.values.length > 0 ? asText(texts) : fromEntries(texts.members, value)

/** As the first option that takes it; if none does, as the one that has the least to complain of. */
function union(options: readonly Schema[]): Coerce {
  const all = options.map((schema) => ({ schema, coerce: coercionOf(schema) }))
  return (texts) => {
    const tried = all.map(({ schema, coerce }) => {
      const value = coerce(texts)
      return { value, issues: issuesOf(schema, value) }
    })
    const least = Math.min(...tried.map(({ issues }) => issues))
    return tried.find(({ issues }) => issues === least)?.value
  }
}

const issuesOf = (schema: Schema, value: unknown): number => z.core.safeParse(schema, value).error?.issues.length ?? 0

/** Without a prototype, so that no key is special. */
function fromEntries(members: Map<string, Texts>, coerce: (texts: Texts, name: string) => unknown): unknown {
  const result = Object.create(null)
  for (const [name, member] of members) result[name] = coerce(member, name)
  return result
}
