import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatTraceparent, inSpan, parseTraceparent, traceIdOf } from './traceparent.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const SPAN = '00f067aa0ba902b7'
const valid = `00-${TRACE}-${SPAN}-01`

const hex = (digits: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: digits, maxLength: digits })
const id = (digits: number) => hex(digits).filter((text) => /[^0]/.test(text))
const trace = fc.record({ traceId: id(32), spanId: id(16), sampled: fc.boolean() })
const laterVersion = hex(2).filter((text) => text !== '00' && text !== 'ff')

describe('parseTraceparent', () => {
  test('reads what is written', () => {
    fc.assert(
      fc.property(trace, (said) => {
        expect(parseTraceparent(formatTraceparent(said))).toEqual(said)
      }),
    )
  })

  test('reads of the flags the one that it knows', () => {
    fc.assert(
      fc.property(trace, hex(2), ({ traceId, spanId }, flags) => {
        const sampled = Number.parseInt(flags, 16) % 2 === 1
        expect(parseTraceparent(`00-${traceId}-${spanId}-${flags}`)).toEqual({ traceId, spanId, sampled })
      }),
    )
  })

  test('reads of a later version what it has in common with this one', () => {
    fc.assert(
      fc.property(trace, laterVersion, fc.string(), (said, version, more) => {
        const text = version + formatTraceparent(said).slice(2)
        expect(parseTraceparent(text)).toEqual(said)
        expect(parseTraceparent(`${text}-${more}`)).toEqual(said)
        expect(parseTraceparent(`${text}.${more}`)).toBeUndefined()
      }),
    )
  })

  test('refuses every other text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(parseTraceparent(text)).toBeUndefined()
      }),
    )
  })

  test('refuses a text with one character changed to what is no lower-case digit', () => {
    const digits = [...valid].flatMap((character, at) => (character === '-' ? [] : [at]))
    fc.assert(
      fc.property(fc.constantFrom(...digits), fc.constantFrom(...'gGxAF- _é\n'), (at, other) => {
        expect(parseTraceparent(valid.slice(0, at) + other + valid.slice(at + 1))).toBeUndefined()
      }),
    )
  })

  test.each([
    ['version ff', `ff-${TRACE}-${SPAN}-01`],
    ['version ff and more', `ff-${TRACE}-${SPAN}-01-x`],
    ['a trace id of zeros', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['a span id of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['upper case', valid.toUpperCase()],
    ['more than version 00 has', `${valid}-x`],
    ['a blank at its end', `${valid} `],
    ['less', valid.slice(0, -1)],
    ['two of them', `${valid},${valid}`],
    ['nothing', ''],
    ['none', null],
  ])('refuses %s', (_, text) => {
    expect(parseTraceparent(text)).toBeUndefined()
  })
})

test('inSpan keeps the trace and its flag, in another span', () => {
  expect(inSpan(valid, 'b7ad6b7169203331')).toBe(`00-${TRACE}-b7ad6b7169203331-01`)
  expect(inSpan(`cc-${TRACE}-${SPAN}-02-more`, 'b7ad6b7169203331')).toBe(`00-${TRACE}-b7ad6b7169203331-00`)
  expect([inSpan('anything', SPAN), inSpan(undefined, SPAN)]).toEqual([undefined, undefined])
})

test('traceIdOf names the trace', () => {
  expect([traceIdOf(valid), traceIdOf('anything'), traceIdOf(undefined)]).toEqual([TRACE, undefined, undefined])
})
