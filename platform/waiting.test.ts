import fc from 'fast-check'
import { expect, test } from 'vitest'
import { retrying, systemClock } from './waiting.ts'

async function waitsOf(failures: number, longest?: number): Promise<number[]> {
  const waits: number[] = []
  const clock = { now: () => 0, monotonic: () => 0, sleep: async (ms: number) => void waits.push(ms) }
  let left = failures
  await retrying(async () => left-- > 0 && Promise.reject(new Error('not yet')), {
    ...{ clock, signal: new AbortController().signal },
    ...(longest !== undefined && { longest }),
  })
  return waits
}

test('the time between two attempts doubles up to the longest, by default 5 s, less up to a half', async () => {
  const some = fc.asyncProperty(fc.nat(40), fc.option(fc.integer({ min: 1, max: 60_000 })), async (failures, given) => {
    const waits = await waitsOf(failures, given ?? undefined)
    expect(waits).toHaveLength(failures)
    for (const [attempt, ms] of waits.entries()) {
      const most = Math.min(given ?? 5000, 50 * 2 ** attempt)
      expect(ms).toBeGreaterThanOrEqual(most / 2)
      expect(ms).toBeLessThanOrEqual(most)
    }
  })
  await fc.assert(some)
})

test('work that fails once the signal has fired ends with its reason: nobody wants to know any more', async () => {
  const stop = new AbortController()
  const work = async () => {
    stop.abort(new Error('stopped'))
    throw new Error('a fault')
  }
  for (const retryable of [() => true, () => false])
    await expect(retrying(work, { clock: systemClock, signal: stop.signal, retryable })).rejects.toThrow('stopped')
})
