import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatToken, mergeTokens as mergeSeen, parseToken } from '../../platform/commands/watermarks/token.ts'
import { mergeTokens } from './consistency.ts'

const seen = fc
  .dictionary(
    fc.integer({ min: 0, max: 11 }).map(String),
    fc.oneof(fc.nat(300), fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })),
  )
  .map((offsets) => new Map(Object.entries(offsets).map(([partition, offset]) => [Number(partition), offset])))

test('merged tokens are what the server itself makes of both: the larger offset of each partition', () => {
  fc.assert(
    fc.property(seen, seen, (one, other) => {
      const merged = mergeTokens(formatToken(one), formatToken(other))
      expect(merged).toBe(formatToken(mergeSeen(one, other)))
      expect(parseToken(merged).size).toBeLessThanOrEqual(12)
    }),
  )
})

test('whatever the order in which answers come, the same is left', () => {
  fc.assert(
    fc.property(fc.array(seen.map(formatToken), { minLength: 1 }), (tokens) => {
      const all = (some: string[]) => some.reduce<string | undefined>(mergeTokens, undefined)
      expect(all(tokens.toReversed())).toBe(all(tokens))
    }),
  )
})

test.each(['', 'AgAB', 'A', '%%', 'AQA', 'AYA'])('the later one is left where %j cannot be read', (token) => {
  const readable = formatToken(new Map([[1, 7]]))
  expect(mergeTokens(token, readable)).toBe(readable)
  expect(mergeTokens(readable, token)).toBe(token)
})
