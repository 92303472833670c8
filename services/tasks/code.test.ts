import { expect, test } from 'vitest'
import { formatCode, parseCode } from './code.ts'

test('a code is read as it was written, in any case', () => {
  expect(formatCode('APOLLO', 12)).toBe('APOLLO-12')
  expect(parseCode('APOLLO-12')).toEqual({ key: 'APOLLO', number: 12 })
  expect(parseCode('apollo-12')).toEqual({ key: 'APOLLO', number: 12 })
  expect(parseCode('A2-1')).toEqual({ key: 'A2', number: 1 })
})

test.each([
  '',
  'APOLLO',
  'APOLLO-',
  'APOLLO-0',
  'APOLLO-01',
  'APOLLO-1x',
  '-1',
  'A-1',
  '1A-1',
  'A B-1',
  'ABCDEFGHIJK-1',
])('"%s" is no code', (text) => {
  expect(parseCode(text)).toBeUndefined()
})
