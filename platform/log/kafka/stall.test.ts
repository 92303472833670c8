import { describe, expect, test } from 'vitest'
import { createStallDetector } from './stall.ts'

const ends = [10, 20, 30]

describe('stall detector', () => {
  test('tells of a partition that has records and gets none for the whole time', () => {
    const stall = createStallDetector(60)
    const hunger = new Map([[1, 12]])
    expect(stall.observe(0, hunger, ends)).toBeUndefined()
    expect(stall.observe(59, hunger, ends)).toBeUndefined()
    expect(stall.observe(60, hunger, ends)).toBe('partition 1 gets nothing from offset 12 on')
  })

  test('takes any progress, and a moment without hunger, for life', () => {
    const stall = createStallDetector(60)
    stall.observe(0, new Map([[1, 12]]), ends)
    expect(stall.observe(50, new Map([[1, 13]]), ends)).toBeUndefined()
    expect(stall.observe(100, new Map(), ends)).toBeUndefined()
    stall.observe(110, new Map([[1, 13]]), ends)
    expect(stall.observe(160, new Map([[1, 13]]), ends)).toBeUndefined()
  })

  test('expects nothing of a partition that is at its end, nor while Kafka is away', () => {
    const stall = createStallDetector(60)
    const atEnd = new Map([[0, 10]])
    stall.observe(0, atEnd, ends)
    expect(stall.observe(600, atEnd, ends)).toBeUndefined()
    stall.observe(700, new Map([[0, 5]]), ends)
    stall.forget()
    expect(stall.observe(790, new Map([[0, 5]]), ends)).toBeUndefined()
  })

  test('tells of a member that stays outside its group', () => {
    const stall = createStallDetector(60)
    stall.observe(0, null, ends)
    expect(stall.observe(60, null, ends)).toBe('it has not joined its group')
  })
})
