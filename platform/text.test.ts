import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fold, isStorable, likeContains, likeMask, regexContains, SEARCHABLE, searchKey } from './text.ts'

const text = fc.string({ unit: 'grapheme' })

describe('fold', () => {
  test.each([
    ['ЁЛКА', 'ёлка'],
    ['İ', 'i̇'],
    ['STRAẞE', 'straße'],
    ['ΟΔΟΣ', 'οδοσ'],
    ['οδος', 'οδοσ'],
    ['ﬁ ４２', 'fi 42'],
    ['e\u0301', '\u00e9'],
  ])('%s is compared as %s', (given, folded) => {
    expect(fold(given)).toBe(folded)
  })

  test('what is folded stays as it is', () => {
    fc.assert(
      fc.property(text, (given) => {
        expect(fold(fold(given))).toBe(fold(given))
      }),
    )
  })

  test('a word is found in what it begins, although Σ ends differently there', () => {
    expect(fold('ΟΔΟΣΑ')).toContain(fold('ΟΔΟΣ'))
    expect(fold('οδοσα')).toContain(fold('οδος'))
  })
})

describe('what is searched of a text', () => {
  test('is all of it, folded, if that is not longer than any text should be', () => {
    fc.assert(
      fc.property(text, (given) => {
        expect(searchKey(given)).toBe(fold(given))
      }),
    )
    const long = `${'Ё '.repeat(10_000)}end`
    expect(searchKey(long)).toBe(fold(long))
  })

  test('is cut where folding makes it so much longer, and never in the midst of a sign', () => {
    const sign = fc.constantFrom('\ufdfa', 'x', '👍', '\u{1d400}')
    fc.assert(
      fc.property(fc.array(sign, { minLength: 1, maxLength: 9 }), (signs) => {
        const given = signs.join('').repeat(20_000)
        const key = searchKey(given)
        expect(fold(given).startsWith(key)).toBe(true)
        expect(isStorable(key)).toBe(true)
        expect(key.length).toBeLessThanOrEqual(SEARCHABLE)
        if (fold(given).length >= SEARCHABLE) expect(key.length).toBeGreaterThanOrEqual(SEARCHABLE - 1)
      }),
      { numRuns: 20 },
    )
  })
})

describe('patterns', () => {
  /** LIKE as SQL has it, with `\` as the escape. */
  const like = (pattern: string) =>
    new RegExp(
      `^${pattern.replace(/\\(.)|([%_])|([^\\%_])/gsu, (_, escaped, wild, plain) =>
        wild ? (wild === '%' ? '.*' : '.') : (escaped ?? plain).replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'),
      )}$`,
      'su',
    )

  test('both find what a part of the text is, and nothing else', () => {
    const tricky = fc
      .array(fc.constantFrom(...'aA%_.*\\[]()^$|?+-/ёЁ', '.*'), { maxLength: 6 })
      .map((all) => all.join(''))
    fc.assert(
      fc.property(fc.oneof(text, tricky), fc.oneof(text, tricky), (whole, part) => {
        const found = fold(whole).includes(fold(part))
        expect(like(likeContains(part)).test(fold(whole))).toBe(found)
        expect(new RegExp(regexContains(part), 'u').test(fold(whole))).toBe(found)
      }),
    )
  })

  test.each([
    ['iv*', 'ivan', true],
    ['iv*', 'livia', false],
    ['*ov', 'petrov', true],
    ['*ov', 'rover', false],
    ['p*r*v', 'petrov', true],
    ['an', 'ivan', true],
    ['%', 'ivan', false],
    ['i_a*', 'ivan', false],
  ])('the mask %s on %s: %s', (mask, name, fits) => {
    expect(like(likeMask(mask)).test(name)).toBe(fits)
  })
})
