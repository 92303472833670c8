import { expect, test, vi } from 'vitest'
import { deferred, woken } from '../waiting.ts'
import { createLanes } from './lanes.ts'
import { silent } from './logger.ts'
import type { Consumer, LogRecord } from './port.ts'

const record: LogRecord = { partition: 0, offset: 0, key: '', value: '', headers: {} }
/** One record, and then nothing more. */
const feed = () => ({
  async next(from: number, signal: AbortSignal) {
    if (from === 0) return [record]
    await woken(
      signal,
      () => {},
      () => {},
    )
    return []
  },
})

function watched(batch: Consumer['batch']) {
  const calls: string[] = []
  const consumer: Consumer = {
    async assigned(partition) {
      calls.push(`assigned ${partition}`)
      return 0
    },
    async batch(...given) {
      calls.push(`batch ${given[0]}`)
      const next = await batch(...given)
      calls.push(`done ${given[0]}`)
      return next
    },
    async revoked(partition) {
      calls.push(`revoked ${partition}`)
    },
  }
  return { calls, consumer }
}

test('a partition that is held before and after goes on undisturbed', async () => {
  const { calls, consumer } = watched(async () => 1)
  const lanes = createLanes({ consumer, openFeed: feed, fault: vi.fn(), logger: silent })
  lanes.hold([0, 1])
  await vi.waitFor(() => expect(calls).toHaveLength(6))
  lanes.hold([1, 2])
  await vi.waitFor(() => expect(calls.slice(6).sort()).toEqual(['assigned 2', 'batch 2', 'done 2', 'revoked 0']))
  await lanes.end()
  expect(calls.slice(10).sort()).toEqual(['revoked 1', 'revoked 2'])
})

test('a partition that comes back waits until its former batch has ended and was revoked', async () => {
  const slow = deferred<number>()
  const { calls, consumer } = watched(() => slow.promise)
  const lanes = createLanes({ consumer, openFeed: feed, fault: vi.fn(), logger: silent })
  lanes.hold([0])
  await vi.waitFor(() => expect(calls).toContain('batch 0'))
  lanes.hold([])
  lanes.hold([0])
  lanes.hold([])
  lanes.hold([0])
  slow.resolve(1)
  await vi.waitFor(() => expect(calls).toHaveLength(7))
  expect(calls).toEqual(['assigned 0', 'batch 0', 'done 0', 'revoked 0', 'assigned 0', 'batch 0', 'done 0'])
  await lanes.end()
})

test('a batch that outlasts the patience is let go, and its successor still waits for it', async () => {
  const slow = deferred<number>()
  const { calls, consumer } = watched(() => slow.promise)
  const lanes = createLanes({ consumer, openFeed: feed, fault: vi.fn(), logger: silent, patienceMs: 10 })
  lanes.hold([0])
  await vi.waitFor(() => expect(calls).toContain('batch 0'))
  await lanes.end()
  expect(calls).toEqual(['assigned 0', 'batch 0', 'revoked 0'])
  lanes.hold([0])
  slow.resolve(1)
  await vi.waitFor(() => expect(calls.slice(3)).toEqual(['done 0', 'assigned 0', 'batch 0', 'done 0']))
  await lanes.end()
})

test('whoever is interrupted may throw what the signal says, and nothing else', async () => {
  for (const [thrown, faults] of [['its reason', 0] as const, ['a bug', 1] as const]) {
    const fault = vi.fn()
    const { calls, consumer } = watched(async (_, __, signal) => {
      await feed().next(1, signal)
      throw thrown === 'a bug' ? new TypeError(thrown) : signal.reason
    })
    const lanes = createLanes({ consumer, openFeed: feed, fault, logger: silent })
    lanes.hold([0])
    await vi.waitFor(() => expect(calls).toContain('batch 0'))
    await lanes.end()
    expect(fault).toHaveBeenCalledTimes(faults)
    expect(calls).toContain('revoked 0')
  }
})

test.each([-1, 1.5, Number.NaN])('an offset of %d from a consumer is a fault of it', async (offset) => {
  const fault = vi.fn()
  const { consumer } = watched(async () => offset)
  const lanes = createLanes({ consumer, openFeed: feed, fault, logger: silent })
  lanes.hold([0])
  await vi.waitFor(() => expect(fault).toHaveBeenCalledOnce())
  await lanes.end()
})
