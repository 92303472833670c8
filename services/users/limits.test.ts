import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addressKey } from './limits.ts'

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
