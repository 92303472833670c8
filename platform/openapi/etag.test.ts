import { expect, test } from 'vitest'
import { etagOf, matches, readEtags } from './etag.ts'

const id = '01981ee4-6b41-7d2f-9b63-4a1d9a4a7b22'

test('an ETag is the version of an entity, and the end of its id', () => {
  expect(etagOf({ id, version: 3 })).toBe('"3-4a1d9a4a7b22"')
  const others = [
    { version: 3 },
    { id },
    { id, version: '3' },
    { id, version: 1.5 },
    { id: 7, version: 3 },
    { id: 'ёж', version: 3 },
  ]
  for (const answer of [...others, {}, null, [], 'x', undefined]) expect(etagOf(answer)).toBeUndefined()
})

test('it is read in full, or as a version alone, and in a list', () => {
  const full = { version: 3, idEnd: '4a1d9a4a7b22' }
  const alone = { version: 12, idEnd: undefined }
  expect(readEtags('"3-4a1d9a4a7b22"')).toEqual([full])
  expect(readEtags('"12"')).toEqual([alone])
  expect(readEtags('"3-4a1d9a4a7b22","12" , W/"4", "x"')).toEqual([full, alone])
})

test.each([
  'W/"1"',
  '"0"',
  '"-1"',
  '"1.5"',
  '"1e3"',
  '""',
  '"99999999999999999999"',
  '"3-"',
  '"3-4a1d9a4a7b22f"',
  '"é"',
])('%s is an ETag that never is one of ours', (text) => expect(readEtags(text)).toEqual([]))

test.each(['12', '*', '', ',', '"1" "2"', '"1",', '*, "1"', '"3-4a1d9a4a7b22', 'w/"1"', '"a b"'])(
  '%s is no list of ETags',
  (text) => expect(readEtags(text)).toBeUndefined(),
)

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
