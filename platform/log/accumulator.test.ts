import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { standStill } from '../standstill.testing.ts'
import { deferred } from '../waiting.ts'
import { createAccumulator } from './accumulator.ts'
import { MAX_RECORD_BYTES, QUEUE_RECORDS, WRITE_BYTES, WRITE_RECORDS } from './limits.ts'
import { LogUnavailable, type NewRecord } from './port.ts'

const record = (value: string, partition = 0): NewRecord => ({ partition, key: 'k', value })
const records = (count: number) => Array.from({ length: count }, (_, n) => record(String(n)))

/** A log in memory whose writes wait until they are released. */
function held() {
  const writes: NewRecord[][] = []
  const gates: { resolve(go: boolean): void }[] = []
  let next = 0
  return {
    writes,
    async write(batch: NewRecord[]): Promise<number[]> {
      const gate = deferred<boolean>()
      writes.push(batch)
      gates.push(gate)
      if (!(await gate.promise)) throw new Error('lost')
      return batch.map(() => next++)
    },
    release: (go = true) => gates.shift()!.resolve(go),
  }
}

async function outcome(append: Promise<number[]>): Promise<number[] | string> {
  return append.catch((error: unknown) => {
    expect(error).toBeInstanceOf(LogUnavailable)
    return (error as LogUnavailable).written
  })
}

describe('accumulator', () => {
  test('calls that wait share the next write', async () => {
    const log = held()
    const { append } = createAccumulator(log.write)
    const first = append([record('a')])
    await vi.waitFor(() => expect(log.writes).toHaveLength(1))
    const others = [append([record('b'), record('c')]), append([record('d')])]
    log.release()
    expect(await first).toEqual([0])
    await vi.waitFor(() => expect(log.writes).toHaveLength(2))
    log.release()
    expect(await Promise.all(others)).toEqual([[1, 2], [3]])
    expect(log.writes.map((write) => write.map(({ value }) => value))).toEqual([['a'], ['b', 'c', 'd']])
  })

  test('every call gets its own offsets, whatever the sizes', async () => {
    const MAX_CALLS = 12
    const count = fc.integer({ min: 0, max: Math.floor(QUEUE_RECORDS / MAX_CALLS) }) // all of them fit the queue
    await fc.assert(
      fc.asyncProperty(fc.array(count, { minLength: 1, maxLength: MAX_CALLS }), async (counts) => {
        const stored: string[] = []
        const { append } = createAccumulator(async (batch) => {
          expect(batch.length).toBeLessThanOrEqual(WRITE_RECORDS)
          return batch.map(({ value }) => stored.push(value) - 1)
        })
        const calls = counts.map((count, call) =>
          Array.from({ length: count }, (_, index) => record(`${call}.${index}`)),
        )
        const offsets = await Promise.all(calls.map((call) => append(call)))
        offsets.forEach((mine, call) => {
          expect(mine.map((offset) => stored[offset])).toEqual(calls[call]!.map(({ value }) => value))
        })
        expect(stored).toEqual(calls.flat().map(({ value }) => value))
      }),
      { numRuns: 30 },
    )
  })

  test('a write is no larger than its limit in bytes, unless one record is', async () => {
    const sizes: number[][] = []
    const { append } = createAccumulator(async (batch) => {
      sizes.push(batch.map(({ value }) => value.length))
      return batch.map((_, offset) => offset)
    })
    const half = 'x'.repeat(WRITE_BYTES / 2)
    const large = 'x'.repeat(MAX_RECORD_BYTES - 1)
    await append([record(half), record(half), record(large), record('y')])
    expect(sizes).toEqual([[half.length], [half.length], [large.length], [1]])
  })

  test('a full queue refuses, certainly unwritten, and takes records again once it has drained', async () => {
    const log = held()
    const { append } = createAccumulator(log.write)
    const first = append(records(1))
    await vi.waitFor(() => expect(log.writes).toHaveLength(1))
    const waiting = append(records(QUEUE_RECORDS))
    expect(await outcome(append(records(1)))).toBe('no')
    log.release()
    await first
    await vi.waitFor(() => expect(log.writes).toHaveLength(2)) // the first 500 have left the queue
    const later = append(records(1))
    for (let write = 0; write < QUEUE_RECORDS / WRITE_RECORDS + 1; write++) {
      await vi.waitFor(() => expect(log.writes.length).toBeGreaterThan(write + 1))
      log.release()
    }
    expect(await waiting).toHaveLength(QUEUE_RECORDS)
    expect(await later).toEqual([QUEUE_RECORDS + 1])
  })

  test('a failed write leaves the outcome of its calls unknown, and the next write goes on', async () => {
    const log = held()
    const { append } = createAccumulator(log.write)
    const lost = outcome(append(records(WRITE_RECORDS + 5)))
    const bystander = append([record('z')])
    await vi.waitFor(() => expect(log.writes).toHaveLength(1))
    log.release(false)
    expect(await lost).toBe('unknown')
    await vi.waitFor(() => expect(log.writes).toHaveLength(2))
    log.release()
    expect(await bystander).toEqual([0])
    expect(log.writes[1]).toEqual([record('z')]) // the rest of a failed call is not written
  })

  test('an append that is abandoned leaves its room in the queue to others', async () => {
    const gate = deferred<void>()
    const { append } = createAccumulator(async (batch) => {
      await gate.promise
      return batch.map((_, offset) => offset)
    }, 1_000)
    const outcomes = [outcome(append(records(WRITE_RECORDS))), outcome(append(records(QUEUE_RECORDS - WRITE_RECORDS)))]
    expect(await Promise.all(outcomes)).toEqual(['unknown', 'no'])
    gate.resolve()
    expect(await append(records(QUEUE_RECORDS))).toHaveLength(QUEUE_RECORDS)
  })

  test('a call of which a part was written is unknown, even where the rest certainly was not', async () => {
    let writes = 0
    const { append } = createAccumulator(async (batch) => {
      if (++writes > 1) throw new LogUnavailable('disk full', 'no')
      return batch.map((_, offset) => offset)
    })
    expect(await outcome(append(records(WRITE_RECORDS + 1)))).toBe('unknown')
  })

  test('a write that says nothing was written is passed on as such', async () => {
    const { append } = createAccumulator(async () => {
      throw new LogUnavailable('disk full', 'no')
    })
    expect(await outcome(append([record('a')]))).toBe('no')
  })

  test('at the deadline what was sent is unknown and what was not is certainly unwritten', async () => {
    const log = held()
    const { append } = createAccumulator(log.write, 1_000)
    const sent = outcome(append([record('a')]))
    await vi.waitFor(() => expect(log.writes).toHaveLength(1))
    const queued = outcome(append([record('b')]))
    expect(await sent).toBe('unknown')
    expect(await queued).toBe('no')
    log.release()
    const next = append([record('c')])
    await vi.waitFor(() => expect(log.writes).toHaveLength(2))
    log.release()
    expect(await next).toEqual([1])
    expect(log.writes.flat().map(({ value }) => value)).toEqual(['a', 'c'])
  })

  test('a standstill of this process is not held against the log', async () => {
    const { append } = createAccumulator(async () => {
      const answer = new Promise<number[]>((resolve) => setTimeout(resolve, 1_200, [7]))
      standStill(1_500)
      return answer
    }, 1_000)
    expect(await outcome(append([record('a')]))).toEqual([7])
  })

  test('close waits for what is under way and refuses what comes after', async () => {
    const log = held()
    const accumulator = createAccumulator(log.write)
    const last = accumulator.append([record('a')])
    const closed = accumulator.close()
    expect(await outcome(accumulator.append([record('b')]))).toBe('no')
    await vi.waitFor(() => expect(log.writes).toHaveLength(1))
    log.release()
    await closed
    expect(await last).toEqual([0])
  })
})
