import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { coercionOf } from './coerce.ts'
import { parseTexts, textsOf } from './texts.ts'

/** A query's `q`, as a schema gets to see it. */
const coerced = (schema: z.ZodType, query: string): unknown => {
  const texts = parseTexts(query).get('q')
  return JSON.parse(JSON.stringify(coercionOf(schema)(texts ?? textsOf())))
}

const Tree = z.strictObject({
  n: z.int(),
  get next() {
    return Tree.optional()
  },
})

describe('text becomes', () => {
  test.each<[string, z.ZodType, string, unknown]>([
    ['a number', z.number(), 'q=-1.5e3', -1500],
    ['no number from hexadecimal', z.number(), 'q=0x10', '0x10'],
    ['no number from nothing', z.number(), 'q=', ''],
    ['no number from a word', z.number(), 'q=Infinity', 'Infinity'],
    ['no number from blanks', z.number(), 'q=+1', ' 1'],
    ['a boolean', z.boolean(), 'q=false', false],
    ['no boolean from a guess', z.boolean(), 'q=1', '1'],
    ['no boolean from capitals', z.boolean(), 'q=False', 'False'],
    ['text that looks like a number', z.string(), 'q=007', '007'],
    ['text that looks like a boolean', z.string(), 'q=true', 'true'],
    ['a date as text', z.iso.date(), 'q=2026-01-01', '2026-01-01'],
    ['what is below a wrapper', z.int().min(1).default(3).optional().readonly(), 'q=4', 4],
    ['what is below a pipe', z.number().transform(String), 'q=4', 4],
    ['what is behind a preprocessor', z.preprocess((value) => value, z.number()), 'q=4', 4],
    ['null where text does not fit', z.int().nullable(), 'q=null', null],
    ['text null where it does', z.string().nullable(), 'q=null', 'null'],
    ['a literal', z.literal([1, 'two', null]), 'q=1', 1],
    ['a number of an enumeration', z.enum({ one: 1, two: 2 }), 'q=2', 2],
    ['an array of one', z.array(z.int()), 'q=1', [1]],
    ['an array of several', z.array(z.int()), 'q=1&q=2', [1, 2]],
    ['an array with what does not fit', z.array(z.int()), 'q=1&q=x', [1, 'x']],
    ['an array for a field that is none, to be refused', z.int(), 'q=1&q=2', ['1', '2']],
    ['no array from commas', z.array(z.string()), 'q=1,2', ['1,2']],
    ['the first option that takes it', z.union([z.int(), z.string()]), 'q=5', 5],
    ['the next option otherwise', z.union([z.int(), z.string()]), 'q=x', 'x'],
    ['the first of options that all take it', z.union([z.string(), z.int()]), 'q=5', '5'],
    ['one or many', z.union([z.int(), z.array(z.int())]), 'q=1&q=2', [1, 2]],
    ['an object', z.object({ a: z.int(), b: z.boolean() }), 'q[a]=1&q[b]=true', { a: 1, b: true }],
    ['an object in an object', z.object({ a: z.object({ b: z.int() }) }), 'q%5Ba%5D[b]=1', { a: { b: 1 } }],
    ['an array in an object', z.object({ a: z.array(z.int()) }), 'q[a]=1&q[a]=2', { a: [1, 2] }],
    ['unknown members as they are', z.object({ a: z.int() }), 'q[b]=1', { b: '1' }],
    ['a record', z.record(z.string(), z.int()), 'q[x]=1&q[y]=2', { x: 1, y: 2 }],
    [
      'a discriminated union',
      z.discriminatedUnion('k', [z.object({ k: z.literal('a'), v: z.int() })]),
      'q[k]=a&q[v]=1',
      { k: 'a', v: 1 },
    ],
    [
      'as near to a union as it comes',
      z.union([z.object({ a: z.int(), b: z.int() }), z.object({ a: z.int(), b: z.boolean() })]),
      'q[a]=1&q[b]=x',
      { a: 1, b: 'x' },
    ],
    ['a schema that contains itself', Tree, 'q[n]=1&q[next][n]=2', { n: 1, next: { n: 2 } }],
  ])('%s', (_, schema, query, expected) => {
    expect(coerced(schema, query)).toEqual(expected)
  })
})

describe('a query', () => {
  test('is decoded', () => {
    expect(parseTexts('a%20b=c+d&e&&f=%D1%91=').get('a b')?.values).toEqual(['c d'])
    expect(parseTexts('a%20b=c+d&e&&f=%D1%91=').get('f')?.values).toEqual(['ё='])
    expect(parseTexts('e').get('e')?.values).toEqual([''])
  })

  test.each(['a=%', 'a=%ff', '%zz=1', 'a=1&a[b]=2', 'a[b]=2&a=1', 'a[b]=1&a[b][c]=2'])('%s is malformed', (query) => {
    expect(() => parseTexts(query)).toThrow(expect.objectContaining({ code: 'input.malformed' }))
  })

  test.each(['a[', 'a]', '[a]', 'a[]', 'a[b', 'a[b]c'])('key %s is a name as it stands', (key) => {
    expect([...parseTexts(`${key}=1`).keys()]).toEqual([key])
  })

  test('poisons no prototype', () => {
    const value = coercionOf(z.object({}))(parseTexts('q[__proto__][polluted]=1').get('q')!)
    expect(Object.keys(value as object)).toEqual(['__proto__'])
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })
})

test('values go to text and come back, and the schema is left as it was', () => {
  const schema = z.strictObject({
    n: z.number(),
    b: z.boolean(),
    s: z.string(),
    list: z.array(z.int()),
    deep: z.strictObject({ maybe: z.int().nullable(), either: z.union([z.boolean(), z.number()]) }),
  })
  const value = fc.record({
    n: fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => (Object.is(n, -0) ? 0 : n)),
    b: fc.boolean(),
    s: fc.string({ unit: 'grapheme' }),
    list: fc.array(fc.integer(), { minLength: 1 }),
    deep: fc.record({ maybe: fc.option(fc.integer()), either: fc.oneof(fc.boolean(), fc.integer()) }),
  })
  const coerce = coercionOf(schema)
  fc.assert(
    fc.property(value, ({ n, b, s, list, deep }) => {
      const pairs: [string, unknown][] = [
        ['q[n]', n],
        ['q[b]', b],
        ['q[s]', s],
        ...list.map((item): [string, unknown] => ['q[list]', item]),
        ['q[deep][maybe]', deep.maybe],
        ['q[deep][either]', deep.either],
      ]
      const query = pairs
        .map(([key, member]) => `${encodeURIComponent(key)}=${encodeURIComponent(String(member))}`)
        .join('&')
      expect(schema.parse(coerce(parseTexts(query).get('q')!))).toEqual({ n, b, s, list, deep })
      expect(schema.safeParse({ n: String(n), b, s, list, deep }).success).toBe(false)
    }),
  )
})
