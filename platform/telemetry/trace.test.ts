import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { traceOf } from './trace.ts'
import { parseTraceparent } from './traceparent.ts'
import { tracestateOf } from './tracestate.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const SPAN = '00f067aa0ba902b7'
const traceparent = `00-${TRACE}-${SPAN}-01`

describe('traceOf', () => {
  test("goes on with the caller's trace, in a span of its own", () => {
    const trace = traceOf(new Headers({ traceparent, tracestate: 'congo=t61rcWkgMzE' }))
    expect(trace).toMatchObject({ traceId: TRACE, tracestate: 'congo=t61rcWkgMzE' })
    expect(trace.spanId).not.toBe(SPAN)
    expect(parseTraceparent(trace.traceparent)).toEqual({ traceId: TRACE, spanId: trace.spanId, sampled: true })
  })

  test.each(['', traceparent.toUpperCase()])('begins one where there is none: %j', (given) => {
    const trace = traceOf(new Headers({ traceparent: given, tracestate: 'congo=t61rcWkgMzE' }))
    expect(parseTraceparent(trace.traceparent)).toEqual({
      traceId: trace.traceId,
      spanId: trace.spanId,
      sampled: false,
    })
    expect(trace.traceId).not.toBe(TRACE)
    expect(trace.tracestate).toBeUndefined() // notes on a trace that is not known
  })

  test('gives no id twice', () => {
    const ids = Array.from({ length: 2000 }, () => traceOf(new Headers())).flatMap((one) => [one.traceId, one.spanId])
    expect(new Set(ids).size).toBe(ids.length)
  })
})

describe('tracestateOf', () => {
  test.each([
    ['rojo=00f067aa0ba902b7,congo=t61rcWkgMzE', 'rojo=00f067aa0ba902b7,congo=t61rcWkgMzE'],
    ['fw529a3039@dt=FfAAAA , \t a=b c', 'fw529a3039@dt=FfAAAA,a=b c'],
    [',,a=1,', 'a=1'],
    ['', undefined],
    ['a', undefined],
    ['a=1,a=2', undefined],
    ['A=1', undefined],
    ['1a=1', undefined],
    ['a=', undefined],
    ['a=b=c', undefined],
    ['a=é', undefined],
    [null, undefined],
  ])('%j is passed on as %j', (text, expected) => {
    expect(tracestateOf(text)).toBe(expected)
  })

  test('passes on 32 members, and no more', () => {
    const members = (count: number) => Array.from({ length: count }, (_, nth) => `a${nth}=1`).join(',')
    expect(tracestateOf(members(32))).toBe(members(32))
    expect(tracestateOf(members(33))).toBeUndefined()
  })

  test('is bounded, and what it passes on is passed on again as it is', () => {
    const letters = fc.string({ unit: fc.constantFrom(...'abcxyz'), minLength: 1, maxLength: 200 })
    const members = fc.uniqueArray(fc.tuple(letters, letters), { selector: ([key]) => key, maxLength: 40 })
    fc.assert(
      fc.property(members, (all) => {
        const passed = tracestateOf(all.map(([key, value]) => `${key}=${value}`).join(','))
        expect(passed?.length ?? 0).toBeLessThanOrEqual(512)
        if (passed !== undefined) expect(tracestateOf(passed)).toBe(passed)
      }),
    )
  })
})
