import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PARTITIONS } from '../../log/port.ts'
import { formatToken, mergeTokens, parseToken, positionsOf, seenWith } from './token.ts'

const invalid = expect.objectContaining({ name: 'Failure', code: 'token.invalid' })
const entry = fc.tuple(fc.nat(PARTITIONS - 1), fc.maxSafeNat())
const seen = fc.array(entry, { maxLength: PARTITIONS }).map((entries) => new Map(entries))

describe('a token', () => {
  test('comes back as the map that it was made of', () => {
    fc.assert(
      fc.property(seen, (map) => {
        expect(parseToken(formatToken(map))).toEqual(map)
      }),
    )
  })

  test('is the same text whatever order the map was filled in', () => {
    fc.assert(
      fc.property(seen, (map) => {
        expect(formatToken(new Map([...map].reverse()))).toBe(formatToken(map))
      }),
    )
  })

  test('is short, and safe in a header and in a URL', () => {
    const early = new Map([[3, 41]])
    const full = new Map(
      Array.from({ length: PARTITIONS }, (_, partition) => [partition, Number.MAX_SAFE_INTEGER - partition]),
    )
    expect(formatToken(early)).toHaveLength(4)
    expect(formatToken(full)).toMatch(/^[\w-]{1,150}$/)
    expect(parseToken(formatToken(full))).toEqual(full)
  })

  test('that nobody made is refused, and nothing else is thrown', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary' }), fc.base64String(), fc.uint8Array().map(base64url)),
        (text) => {
          try {
            expect(formatToken(parseToken(text))).toBe(text)
          } catch (error) {
            expect(error).toEqual(invalid)
          }
        },
      ),
    )
  })

  test.each([
    ['nothing', ''],
    ['another version', base64url([2, 0, 1])],
    ['a partition that is not there', base64url([1, PARTITIONS, 1])],
    ['a partition twice', base64url([1, 0, 1, 0, 1])],
    ['partitions out of order', base64url([1, 1, 1, 0, 1])],
    ['a partition without an offset', base64url([1, 0])],
    ['an offset that does not end', base64url([1, 0, 0x81])],
    ['an offset of more bytes than it needs', base64url([1, 0, 0x81, 0])],
    ['an offset beyond safe integers', base64url([1, 0, ...Array(7).fill(0xff), 0x7f])],
    ['an offset just beyond them', base64url([1, 0, ...Array(7).fill(0x80), 0x10])],
    ['padding', `${base64url([1, 0, 1])}==`],
    ['stray bits at its end', 'AR'],
    ['the other alphabet', '+/+/'],
    ['a megabyte', 'A'.repeat(1 << 20)],
  ])('of %s is refused', (_, text) => {
    expect(() => parseToken(text)).toThrow(invalid)
  })
})

describe('tokens merged', () => {
  test('cover what each of them covers, and no more', () => {
    fc.assert(
      fc.property(fc.array(seen), (maps) => {
        const merged = mergeTokens(...maps)
        for (let partition = 0; partition < PARTITIONS; partition++) {
          const offsets = maps.flatMap((map) => map.get(partition) ?? [])
          expect(merged.get(partition)).toBe(offsets.length === 0 ? undefined : Math.max(...offsets))
        }
      }),
    )
  })

  test('with positions keep what was seen further on', () => {
    const merged = seenWith(
      new Map([
        [1, 10],
        [2, 20],
      ]),
      { partition: 2, offset: 5 },
      { partition: 3, offset: 0 },
    )
    expect(positionsOf(merged)).toEqual([
      { partition: 1, offset: 10 },
      { partition: 2, offset: 20 },
      { partition: 3, offset: 0 },
    ])
  })
})

function base64url(bytes: ArrayLike<number>): string {
  return Buffer.from(Uint8Array.from(bytes)).toString('base64url')
}
