import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { silent } from '../logger.ts'
import { createCommits } from './commits.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function rig() {
  const sent: Record<number, number>[] = []
  const commit = vi.fn(async (offsets: ReadonlyMap<number, number>) => void sent.push(Object.fromEntries(offsets)))
  return { sent, commit, commits: createCommits(commit, silent) }
}

test('offsets are committed once a second, the latest of each partition', async () => {
  const { sent, commits } = rig()
  for (let offset = 1; offset <= 500; offset++) commits.passed(offset % 2, offset)
  expect(sent).toEqual([])
  await vi.advanceTimersByTimeAsync(1_000)
  expect(sent).toEqual([{ 0: 500, 1: 499 }])
  await vi.advanceTimersByTimeAsync(5_000)
  commits.passed(0, 502)
  await vi.advanceTimersByTimeAsync(1_000)
  expect(sent.slice(1)).toEqual([{ 0: 502 }])
})

test('what belongs to another member is not committed', async () => {
  const { sent, commits } = rig()
  commits.passed(0, 5)
  commits.passed(1, 6)
  commits.forget(0)
  await vi.advanceTimersByTimeAsync(1_000)
  expect(sent).toEqual([{ 1: 6 }])
})

test('the end sends what is left, and nothing after it', async () => {
  const { sent, commits } = rig()
  commits.passed(0, 5)
  await commits.end()
  commits.passed(0, 6)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(sent).toEqual([{ 0: 5 }])
})

test('a commit that fails is no matter', async () => {
  const { sent, commit, commits } = rig()
  commit.mockRejectedValueOnce(new Error('rebalance in progress'))
  commits.passed(0, 5)
  await vi.advanceTimersByTimeAsync(1_000)
  commits.passed(0, 6)
  await commits.end()
  expect(sent).toEqual([{ 0: 6 }])
})
