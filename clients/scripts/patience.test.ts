import { TRPCClientError } from '@trpc/client'
import { describe, expect, test } from 'vitest'
import { patiently } from './patience.ts'
import { Unreachable } from './trouble.ts'

const refused = (httpStatus: number, retryAfter?: number) =>
  new TRPCClientError('no', {
    result: { error: { code: -32000, message: 'no', data: { code: 'X', httpStatus, reason: 'x', retryAfter } } },
  } as never)
const away = () => TRPCClientError.from(new Unreachable('http://localhost', new Error('ECONNREFUSED')))

/** Fails with each of these, then answers. */
function failing(...errors: Error[]) {
  let time = 0
  const waits: number[] = []
  const stop = new AbortController()
  const answer = patiently(
    async () => {
      const error = errors.shift()
      if (error) throw error
      return 'answer'
    },
    {
      signal: stop.signal,
      limitMs: 60_000,
      now: () => time,
      wait: async (ms) => {
        waits.push(ms)
        time += ms
      },
    },
  )
  return { answer, waits, stop }
}

describe('patiently', () => {
  test('tries again what passes, as late as it is told to', async () => {
    const { answer, waits } = failing(refused(503, 2), away(), refused(429))
    expect(await answer).toBe('answer')
    expect(waits[0]).toBe(2000)
    for (const wait of waits.slice(1)) expect(wait).toBeGreaterThanOrEqual(100)
  })

  test.each([400, 404, 409, 500])('throws %i at once', async (status) => {
    const { answer, waits } = failing(refused(status))
    await expect(answer).rejects.toMatchObject({ data: { httpStatus: status } })
    expect(waits).toEqual([])
  })

  test('gives up after its limit', async () => {
    const { answer, waits } = failing(...Array.from({ length: 100 }, away))
    await expect(answer).rejects.toThrow('Nothing answers')
    expect(waits.reduce((sum, wait) => sum + wait, 0)).toBeLessThanOrEqual(60_000)
    expect(waits.length).toBeGreaterThan(10)
  })

  test('makes no further try once it is interrupted', async () => {
    const { answer, stop } = failing(away())
    stop.abort(new Error('stopped'))
    await expect(answer).rejects.toThrow('stopped')
  })
})
