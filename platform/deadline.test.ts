import { describe, expect, test } from 'vitest'
import { withDeadline } from './deadline.ts'
import { standStill } from './standstill.testing.ts'

describe('withDeadline', () => {
  test('gives what the work gives', async () => {
    expect(await withDeadline(Promise.resolve(1), 1000)).toBe(1)
    await expect(withDeadline(Promise.reject(new Error('no')), 1000)).rejects.toThrow('no')
  })

  test('gives up work that does not end', async () => {
    await expect(withDeadline(new Promise(() => undefined), 20)).rejects.toThrow('no answer within 20 ms')
  })

  test('does not hold a standstill of this process against the work', async () => {
    const answer = new Promise((resolve) => setTimeout(resolve, 30, 'late'))
    const waiting = withDeadline(answer, 20)
    standStill(60)
    expect(await waiting).toBe('late')
  })
})
