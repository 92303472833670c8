import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createRateLimit } from './rate-limit.ts'

/** `take` gives the seconds to wait, 0 where the key goes on. */
function limited(rate = { burst: 3, perMinute: 60 }, keys?: number) {
  const clock = { now: 0 }
  const limit = createRateLimit(rate, { now: () => clock.now, ...(keys !== undefined && { keys }) })
  const take = (key: string, cost?: number): number => {
    try {
      limit.take(key, cost)
      return 0
    } catch (error) {
      expect(error).toMatchObject({ code: 'rate.limited' })
      return (error as { retryAfter: number }).retryAfter
    }
  }
  return { clock, take, forget: limit.forget }
}

describe('a rate limit', () => {
  test('lets a burst through, then so many a minute', () => {
    const { clock, take } = limited()
    expect([1, 2, 3].map(() => take('a'))).toEqual([0, 0, 0])
    expect(take('a')).toBe(1)
    clock.now += 999
    expect(take('a')).toBe(1)
    clock.now += 1
    expect(take('a')).toBe(0)
  })

  test('is each key on its own, which is forgotten on demand', () => {
    const { take, forget } = limited()
    for (const _ of [1, 2, 3]) take('a')
    expect(take('a')).toBeGreaterThan(0)
    expect(take('b')).toBe(0)
    forget('a')
    expect(take('a')).toBe(0)
  })

  test('takes what a call costs', () => {
    const { take } = limited()
    expect(take('a', 2)).toBe(0)
    expect(take('a', 2)).toBe(1)
    expect(take('a', 1)).toBe(0)
  })

  test('lets a call that costs more than a burst through once, and waits for all of it', () => {
    const { clock, take } = limited()
    expect(take('a', 10)).toBe(0)
    clock.now += 7000
    expect(take('a')).toBe(1)
    clock.now += 1000
    expect(take('a')).toBe(0)
  })

  test('forgets whoever was idle for longest', () => {
    const { take } = limited({ burst: 1, perMinute: 1 }, 2)
    take('a')
    take('b')
    take('a')
    take('c')
    expect(take('a')).toBeGreaterThan(0)
    expect(take('b')).toBe(0)
  })

  test('never lets more through than a burst and what has come back since', () => {
    const step = fc.record({ after: fc.nat(5000), cost: fc.integer({ min: 1, max: 3 }) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const { clock, take } = limited()
        let taken = 0
        for (const { after, cost } of steps) {
          clock.now += after
          if (take('a', cost) === 0) taken += cost
          expect(taken).toBeLessThanOrEqual(3 + clock.now / 1000 + 1e-6)
        }
      }),
    )
  })

  test('says when a call will be let through, to the second', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(2000), { maxLength: 50 }), (gaps) => {
        const { clock, take } = limited()
        for (const gap of gaps) {
          clock.now += gap
          const wait = take('a')
          if (wait === 0) continue
          expect(wait).toBe(1)
          clock.now += wait * 1000 + 1e-6
          expect(take('a')).toBe(0)
        }
      }),
    )
  })
})
