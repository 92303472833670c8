import { expect, test } from 'vitest'
import { retryAfterOf } from './answers.ts'

const now = Date.UTC(2030, 0, 1)
const secondsOf = (headers: Record<string, string>) => retryAfterOf(new Headers(headers), now)

test.each([
  ['120', 120],
  ['0', 0],
  ['12345678', 999_999],
  ['Tue, 01 Jan 2030 00:02:00 GMT', 120],
  ['Tuesday, 01-Jan-30 00:02:00 GMT', 120],
  ['Tue Jan  1 00:02:00 2030', 120],
  ['Mon, 31 Dec 2029 23:59:00 GMT', 0],
  ['Fri, 31 Dec 2199 23:59:00 GMT', 999_999],
  ['-5', undefined],
  ['1.5', undefined],
  ['2030', 2030],
  ['2030-01-01', undefined],
  ['soon', undefined],
  ['Someday 5', undefined],
  ['', undefined],
])('Retry-After: %s', (text, seconds) => {
  expect(secondsOf({ 'retry-after': text })).toBe(seconds)
})

test('a date is counted from the date of the answer, whatever the clock here says', () => {
  const date = 'Fri, 01 Jan 2027 00:00:00 GMT'
  expect(secondsOf({ 'retry-after': 'Fri, 01 Jan 2027 00:00:07 GMT', date })).toBe(7)
  expect(secondsOf({ 'retry-after': 'Tue, 01 Jan 2030 00:00:07 GMT', date: 'today' })).toBe(7)
  expect(secondsOf({})).toBeUndefined()
})
