import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addressKey, createLimit } from './limits.ts'

function stoppedClock() {
  let at = 1_000_000
  return {
    now: () => at,
    pass(ms: number) {
      at += ms
    },
  }
}

const refusedFor = (seconds: number) => expect.objectContaining({ code: 'rate.limited', retryAfter: seconds })

describe('a limit', () => {
  test('lets so many through, then says when the next may come', () => {
    const clock = stoppedClock()
    const limit = createLimit({ tries: 3, windowMs: 60_000, now: clock.now })
    for (let n = 0; n < 3; n++) limit.take('a')
    expect(() => limit.take('a')).toThrow(refusedFor(20))
    clock.pass(19_000)
    expect(() => limit.take('a')).toThrow(refusedFor(1))
    clock.pass(1_000)
    limit.take('a')
    expect(() => limit.take('a')).toThrow(refusedFor(20))
  })

  test('counts each key by itself, and forgets one on demand', () => {
    const limit = createLimit({ tries: 1, windowMs: 1000, now: stoppedClock().now })
    limit.take('a')
    limit.take('b')
    expect(() => limit.take('a')).toThrow(refusedFor(1))
    limit.forget('a')
    limit.take('a')
  })

  test('never lets more than its tries and what came back through, whatever the times', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5_000 }), { maxLength: 200 }), (pauses) => {
        const clock = stoppedClock()
        const limit = createLimit({ tries: 5, windowMs: 10_000, now: clock.now })
        let through = 0
        let passed = 0
        for (const pause of pauses) {
          clock.pass(pause)
          passed += pause
          try {
            limit.take('a')
            through++
          } catch {}
        }
        expect(through).toBeLessThanOrEqual(5 + Math.ceil(passed / 2_000))
      }),
    )
  })

  test('remembers a bounded number of keys, those touched last', () => {
    const limit = createLimit({ tries: 2, windowMs: 1000, keys: 2, now: stoppedClock().now })
    limit.take('a')
    limit.take('b')
    limit.take('a')
    limit.take('c') // b is forgotten
    expect(() => limit.take('a')).toThrow(refusedFor(1))
    limit.take('b')
    limit.take('b')
    expect(() => limit.take('b')).toThrow(refusedFor(1))
  })
})

describe('addressKey', () => {
  test('takes the addresses of one IPv6 customer as one', () => {
    expect(addressKey('2001:db8::1')).toBe(addressKey('2001:0db8:0:0:ffff::2'))
    expect(addressKey('2001:db8:0:1::1')).not.toBe(addressKey('2001:db8::1'))
    expect(addressKey('fe80::1%eth0')).toBe(addressKey('fe80::2'))
    expect(addressKey('::1')).toBe('0:0:0:0')
  })

  test('takes an IPv4 address as it is, mapped ones too', () => {
    expect(addressKey('192.0.2.1')).toBe('192.0.2.1')
    expect(addressKey('::ffff:192.0.2.1')).toBe('192.0.2.1')
  })

  test('throws for no text at all', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.ipV6(), fc.ipV4()), (text) => typeof addressKey(text) === 'string'))
  })
})
