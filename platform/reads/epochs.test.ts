import fc from 'fast-check'
import { expect, test } from 'vitest'
import { epochsOf, isAnyShut, isBehind, isOpen } from './epochs.ts'

test('odd is shut, and so is what is not known', () => {
  expect([0, 1_767_225_600_000].map(isOpen)).toEqual([true, true])
  expect([1, 1_767_225_600_001, undefined].map(isOpen)).toEqual([false, false, false])
})

test('all partitions are shut as soon as one is', () => {
  expect(isAnyShut('all', [2, 4, 5])).toBe(true)
  expect(isAnyShut('all', [2, 4, 6])).toBe(false)
  expect(isAnyShut(0, [2, 4, 5])).toBe(false)
  expect(isAnyShut(2, [2, 4, 5])).toBe(true)
})

test('what is carried is not behind what it was made from, and is behind any raise since', () => {
  const known = fc.array(fc.nat(), { minLength: 1, maxLength: 12 })
  fc.assert(
    fc.property(known, fc.nat(), fc.integer({ min: 1 }), (epochs, place, raise) => {
      const partition = place % epochs.length
      const raised = epochs.with(partition, epochs[partition]! + raise)
      const others = raised.with((partition + 1) % epochs.length, 0)
      for (const partitions of ['all', partition] as const) {
        expect(isBehind(epochsOf(partitions, epochs), partitions, epochs)).toBe(false)
        expect(isBehind(epochsOf(partitions, epochs), partitions, raised)).toBe(true)
        expect(isBehind(epochsOf(partitions, raised), partitions, epochs)).toBe(false)
      }
      if (epochs.length > 1) expect(isBehind(epochsOf('all', epochs), 'all', others)).toBe(true)
    }),
  )
})

test('an epoch that is not carried is behind', () => {
  expect(isBehind({ 0: 2 }, 'all', [2, 0])).toBe(true)
  expect(isBehind({ 1: 2 }, 0, [0, 2])).toBe(true)
})
