import { expect, test } from 'vitest'
import { Failure } from '../platform/errors/failure.ts'
import { complaintOf } from './complaint.ts'

test.each([
  [new Failure('user.username_taken'), 'Another user has this username; choose another one.'],
  [new Failure('input.malformed', 'The path is not well-formed.'), 'The path is not well-formed.'],
  [new Error('Port 8000 is in use.'), 'Port 8000 is in use.'],
  ['gone', 'gone'],
])('%o is told in words', (thrown, expected) => {
  expect(complaintOf(thrown)).toBe(expected)
})
