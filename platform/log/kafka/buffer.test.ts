import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { LogRecord } from '../port.ts'
import { createBuffer } from './buffer.ts'

const PARTITION = 3
const recordAt = (offset: number, size = 1): LogRecord => {
  return { partition: PARTITION, offset, key: '', value: 'x'.repeat(size), headers: {} }
}
const range = (from: number, count: number) => Array.from({ length: count }, (_, n) => recordAt(from + n))

/** A buffer whose tap notes what it was told. */
function rig() {
  const tap = { seeks: [] as number[], paused: false }
  const buffer = createBuffer({
    topic: 'commands',
    partition: PARTITION,
    tap: {
      seek: (offset) => tap.seeks.push(offset),
      pause() {
        tap.paused = true
      },
      resume() {
        tap.paused = false
      },
    },
    reaches: async () => {},
    passed: () => {},
  })
  return { buffer, tap }
}

/** A Kafka that answers as it should: from the last seek on, unless it is told to pause. */
function honestly({ buffer, tap }: ReturnType<typeof rig>) {
  let at = 0
  return (count: number) => {
    if (tap.paused) return
    at = tap.seeks.splice(0).at(-1) ?? at
    buffer.offer(range(at, count))
    at += count
  }
}

const never = new AbortController().signal
/** Lets what has been promised come about. */
const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('buffer', () => {
  test('fetches nothing until it knows where to begin', async () => {
    const { buffer, tap } = rig()
    expect(tap.paused).toBe(true)
    buffer.offer(range(0, 5))
    const records = buffer.next(7, never)
    await turn()
    expect(tap).toEqual({ seeks: [7], paused: false })
    buffer.offer(range(7, 2))
    expect((await records).map(({ offset }) => offset)).toEqual([7, 8])
  })

  test('hands on a contiguous run from the offset asked for, whatever it is offered', async () => {
    const step = fc.oneof(
      // The answer to an older seek, a part of what is held already, or something further on.
      fc.record({ kind: fc.constant('stray' as const), drift: fc.integer({ min: -6, max: 6 }), count: fc.nat(9) }),
      fc.record({ kind: fc.constant('fetch' as const), count: fc.integer({ min: 1, max: 700 }) }),
      fc.record({ kind: fc.constant('next' as const), jump: fc.integer({ min: -5, max: 5 }) }),
      fc.record({ kind: fc.constant('rejoin' as const) }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { buffer, tap } = rig()
        const fetch = honestly({ buffer, tap })
        const answers: LogRecord[][] = []
        let from = 100
        let asked = false
        let strays = 0
        async function settle(): Promise<void> {
          await turn()
          const records = answers.pop()
          if (!records) return
          const due = from
          expect(records.length).toBeGreaterThan(0)
          expect(records.map(({ offset }) => offset)).toEqual(records.map((_, n) => due + n))
          from += records.length
          asked = false
        }
        for (const step of steps) {
          if (step.kind === 'stray' && ++strays < 5) buffer.offer(range(Math.max(0, from + step.drift), step.count))
          if (step.kind === 'rejoin') buffer.rejoined()
          if (step.kind === 'next' && !asked) {
            from = Math.max(0, from + step.jump)
            asked = true
            void buffer.next(from, never).then((records) => answers.push(records))
          }
          if (step.kind === 'fetch') {
            fetch(step.count)
            strays = 0
          }
          await settle()
        }
        for (let more = 0; asked && more < 5; more++) {
          fetch(3)
          await settle()
        }
        expect(asked).toBe(false)
      }),
      { numRuns: 300 },
    )
  })

  test('holds a bounded number of records and bytes, and asks for more once there is room', async () => {
    for (const size of [1, 10_000]) {
      const { buffer, tap } = rig()
      const first = buffer.next(0, never)
      await turn()
      let offered = 0
      while (!tap.paused && offered < 10_000) buffer.offer([recordAt(offered++, size)])
      expect(offered).toBeLessThanOrEqual(Math.min(1_000, Math.ceil((2 * 1024 * 1024) / size)))
      let from = (await first).length
      while (tap.paused) from += (await buffer.next(from, never)).length
      expect(from).toBeLessThan(offered)
    }
  })

  test('takes any number of stray answers, as long as true ones come between them', async () => {
    const { buffer, tap } = rig()
    const fetch = honestly({ buffer, tap })
    for (let from = 0; from < 20; from++) {
      const records = buffer.next(from, never)
      await turn()
      buffer.offer(range(from + 1, 2))
      fetch(1)
      expect((await records).map(({ offset }) => offset)).toEqual([from])
    }
  })

  test('gives up where the record due does not come, however often it is asked for', async () => {
    const { buffer, tap } = rig()
    const records = buffer.next(4, never)
    await turn()
    for (let answer = 0; answer < 10; answer++) buffer.offer(range(5, 3))
    await expect(records).rejects.toThrow('partition 3 of commands has no record at offset 4')
    expect(tap.seeks.length).toBeGreaterThan(1)
  })

  test('asks again for the record due when the group was joined anew, and does not count what came before', async () => {
    const { buffer, tap } = rig()
    const records = buffer.next(4, never)
    await turn()
    for (let rebalance = 0; rebalance < 20; rebalance++) {
      tap.seeks.length = 0
      buffer.rejoined()
      expect(tap.seeks).toEqual([4])
      buffer.offer(range(0, 3)) // from the offset that was committed last
    }
    buffer.offer(range(4, 1))
    expect(await records).toHaveLength(1)
  })

  test('gives up at a hole, after what is before it', async () => {
    const { buffer } = rig()
    const records = buffer.next(0, never)
    await turn()
    buffer.offer([...range(0, 2), ...range(3, 2)])
    expect((await records).map(({ offset }) => offset)).toEqual([0, 1])
    await expect(buffer.next(2, never)).rejects.toThrow('has no record at offset 2')
  })

  test('is hungry only while somebody waits for it', async () => {
    const { buffer } = rig()
    expect(buffer.hungryFor()).toBeUndefined()
    const stop = new AbortController()
    const records = buffer.next(9, stop.signal)
    await turn()
    expect(buffer.hungryFor()).toBe(9)
    stop.abort()
    expect(await records).toEqual([])
    expect(buffer.hungryFor()).toBeUndefined()
  })
})
