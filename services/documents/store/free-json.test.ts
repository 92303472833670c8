import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decode, encode } from './free-json.ts'

const name = fc.oneof(
  fc.constantFrom('', '.', '$', '%', '%[]', '%2e', '_bsontype', '%5fbsontype', 'a.b', '$a'),
  fc.constantFrom('constructor', 'toString', '%63onstructor', '__proto__x', 'constructors'),
  fc.string({ unit: 'grapheme' }),
)
const json = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: 'medium' },
    fc.integer(),
    fc.string(),
    fc.array(tie('any')),
    fc.dictionary(name, tie('any')),
  ),
})).any

test('any JSON comes back', () => {
  fc.assert(
    fc.property(json, (value) => {
      expect(decode(encode(value))).toEqual(value)
    }),
  )
})

test('nothing is kept that a server or its driver gives a meaning to, or refuses', () => {
  fc.assert(
    fc.property(json, (value) => {
      for (const [key, member, holder] of members(encode(value))) {
        expect(key).not.toMatch(/^$|[.$]|^_bsontype$/)
        if (!Array.isArray(holder))
          expect(Object.keys(Object.getOwnPropertyDescriptors(Object.prototype))).not.toContain(key)
        expect(Array.isArray(holder) && Array.isArray(member)).toBe(false)
      }
    }),
  )
})

test('what is ordinary is kept as it is, for people to read', () => {
  const ordinary = { key: 'a.b $c %d', list: [1, { _id: 'x', _bsontypes: null }], 'two words': { ё: true } }
  expect(encode(ordinary)).toEqual(ordinary)
})

function* members(holder: unknown): Generator<[key: string, member: unknown, holder: unknown]> {
  if (typeof holder !== 'object' || holder === null) return
  for (const [key, member] of Object.entries(holder)) {
    yield [key, member, holder]
    yield* members(member)
  }
}
