import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mayRetry, pauseBefore } from './retry.ts'

const fraction = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

test('a pause is what was asked for, and then at most twice as much as before, up to five seconds', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 0, max: 600 }),
      fraction,
      (failed, after, random) => {
        const jitter = pauseBefore(failed, after, () => random) - after * 1000
        expect(jitter).toBeGreaterThanOrEqual(0)
        expect(jitter).toBeLessThanOrEqual(Math.min(5000, 100 * 2 ** (failed - 1)))
      },
    ),
  )
})

test('all of it is chance: nothing keeps those together who failed together', () => {
  expect(pauseBefore(3, undefined, () => 0)).toBe(0)
  expect(pauseBefore(3, undefined, () => 0.5)).toBe(200)
  expect(pauseBefore(3, 2, () => 0.5)).toBe(2200)
})

test.each([
  ['client.network', undefined, true, false],
  ['log.unknown', 503, true, false],
  ['store.unavailable', 503, true, false],
  ['client.response', 502, true, false],
  ['client.response', 504, true, false],
  ['rate.limited', 429, true, true],
  ['service.starting', 503, true, true],
  ['token.behind', 503, true, true],
  ['gateway.unavailable', 503, true, true],
  ['gateway.lost', 502, true, false],
  ['internal', 500, false, false],
  ['client.response', 404, false, false],
  ['task.illegal_move', 409, false, false],
  ['input.invalid', 400, false, false],
] as const)('%s (%s) is tried again: %s, and %s where it may not happen twice', (code, status, repeatable, once) => {
  expect(mayRetry({ code, status }, true)).toBe(repeatable)
  expect(mayRetry({ code, status }, false)).toBe(once)
})
