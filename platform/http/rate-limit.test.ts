import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createRateLimit } from './rate-limit.ts'

function limited(rate = { burst: 3, perMinute: 60 }, maxKeys?: number) {
  const clock = { now: 0 }
  return { clock, limit: createRateLimit(rate, () => clock.now, maxKeys) }
}

describe('a rate limit', () => {
  test('lets a burst through, then so many a minute', () => {
    const { clock, limit } = limited()
    expect([1, 2, 3].map(() => limit.take('a'))).toEqual([0, 0, 0])
    expect(limit.take('a')).toBe(1)
    clock.now += 999
    expect(limit.take('a')).toBeCloseTo(0.001)
    clock.now += 1
    expect(limit.take('a')).toBe(0)
  })

  test('is each key on its own', () => {
    const { limit } = limited()
    for (const _ of [1, 2, 3]) limit.take('a')
    expect(limit.take('a')).toBeGreaterThan(0)
    expect(limit.take('b')).toBe(0)
  })

  test('takes what a call costs', () => {
    const { limit } = limited()
    expect(limit.take('a', 2)).toBe(0)
    expect(limit.take('a', 2)).toBe(1)
    expect(limit.take('a', 1)).toBe(0)
  })

  test('lets a call that costs more than a burst through once, and waits for all of it', () => {
    const { clock, limit } = limited()
    expect(limit.take('a', 10)).toBe(0)
    clock.now += 7000
    expect(limit.take('a')).toBe(1)
    clock.now += 1000
    expect(limit.take('a')).toBe(0)
  })

  test('forgets whoever was idle for longest', () => {
    const { limit } = limited({ burst: 1, perMinute: 1 }, 2)
    limit.take('a')
    limit.take('b')
    limit.take('a')
    limit.take('c')
    expect(limit.take('a')).toBeGreaterThan(0)
    expect(limit.take('b')).toBe(0)
  })

  test('never lets more through than a burst and what has come back since', () => {
    const step = fc.record({ after: fc.nat(5000), cost: fc.integer({ min: 1, max: 3 }) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const { clock, limit } = limited()
        let taken = 0
        for (const { after, cost } of steps) {
          clock.now += after
          if (limit.take('a', cost) === 0) taken += cost
          expect(taken).toBeLessThanOrEqual(3 + clock.now / 1000 + 1e-6)
        }
      }),
    )
  })

  test('says when a call will be let through', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(2000), { maxLength: 50 }), (gaps) => {
        const { clock, limit } = limited()
        for (const gap of gaps) {
          clock.now += gap
          const wait = limit.take('a')
          if (wait === 0) continue
          clock.now += wait * 1000 + 1e-6
          expect(limit.take('a')).toBe(0)
        }
      }),
    )
  })
})
