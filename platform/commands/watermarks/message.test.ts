import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatWatermark, parseWatermark } from './message.ts'

const message = fc.record({
  partition: fc.nat(11),
  epoch: fc.maxSafeNat(),
  decided: fc.maxSafeNat(),
  served: fc.maxSafeNat(),
})

describe('a watermark message', () => {
  test('comes back as it was', () => {
    fc.assert(
      fc.property(message, (sent) => {
        expect(parseWatermark(formatWatermark(sent))).toEqual(sent)
      }),
    )
  })

  test('of a newer version may say more', () => {
    const text = JSON.stringify({ partition: 1, epoch: 2, decided: 3, served: 4, colour: 'green' })
    expect(parseWatermark(text)).toEqual({ partition: 1, epoch: 2, decided: 3, served: 4 })
  })

  test.each([
    'nonsense',
    'null',
    '{}',
    '{"partition":12,"epoch":0,"decided":0,"served":0}',
    '{"partition":0,"epoch":0,"decided":-1,"served":0}',
    '{"partition":0,"epoch":0,"decided":0.5,"served":0}',
    '{"partition":0,"epoch":0,"decided":"9","served":0}',
    '{"partition":0,"epoch":0,"decided":1e300,"served":0}',
  ])('is not %s', (text) => {
    expect(parseWatermark(text)).toBeUndefined()
  })
})
