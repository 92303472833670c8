import { expect, test } from 'vitest'
import { etagOf, matches } from './etag.ts'

test('an ETag is the version of an answer that has one', () => {
  expect(etagOf({ version: 3 })).toBe('"3"')
  for (const answer of [{ version: '3' }, { version: 1.5 }, {}, null, [], 'x', undefined]) {
    expect(etagOf(answer)).toBeUndefined()
  }
})

test.each([
  ['"3"', true],
  ['W/"3"', true],
  ['"1", "3"', true],
  ['"1",W/"3" , "4"', true],
  ['*', true],
  [' * ', true],
  ['"33"', false],
  ['3', false],
  ['"a,""3', false],
  ['', false],
])('If-None-Match: %s against "3" is %s', (header, expected) => {
  expect(matches(header, '"3"')).toBe(expected)
})
