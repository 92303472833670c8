import type { Db } from 'mongodb'
import { describe, expect, test, vi } from 'vitest'
import { resolve } from '../errors/resolve.ts'
import { MongoUnavailable } from './failure.ts'
import { createMongoReader } from './reader.ts'

/** A server that is asked through a reader, and answers as it is told to. */
function bench() {
  let time = 0
  const call = vi.fn<() => Promise<string>>()
  const { read } = createMongoReader({} as Db, { deadlineMs: 20, failures: 3, restMs: 1000, now: () => time })
  const ask = () => read(call).catch((error: unknown) => error)
  return {
    ask,
    asked: () => call.mock.calls.length,
    hang: () => call.mockImplementation(() => new Promise(() => {})),
    answer: () => call.mockImplementation(async () => 'found'),
    fail: (name: string) =>
      call.mockImplementation(async () => Promise.reject(Object.assign(new Error('x'), { name }))),
    pass: (ms: number) => {
      time += ms
    },
  }
}

describe('createMongoReader', () => {
  test('gives what the server answers, its own errors too', async () => {
    const { ask, answer, fail } = bench()
    answer()
    expect(await ask()).toBe('found')
    fail('MongoServerError')
    for (let n = 0; n < 5; n++) expect(await ask()).toMatchObject({ name: 'MongoServerError' })
    answer()
    expect(await ask()).toBe('found')
  })

  test.each(['hangs', 'is gone'])('asks a server that %s three times, then nobody waits for it', async (how) => {
    const { ask, asked, hang, fail } = bench()
    if (how === 'hangs') hang()
    else fail('MongoServerSelectionError')
    for (let n = 0; n < 10; n++) {
      const error = await ask()
      expect(error).toBeInstanceOf(MongoUnavailable)
      expect(resolve(error)).toMatchObject({ code: 'store.unavailable', status: 503, retryAfter: 1 })
    }
    expect(asked()).toBe(3)
  })

  test('lets one through after a rest; its answer opens the way for all', async () => {
    const { ask, asked, hang, answer, pass } = bench()
    hang()
    for (let n = 0; n < 3; n++) await ask()
    pass(1000)
    const [probe, other] = await Promise.all([ask(), ask()])
    expect([probe, other]).toEqual([expect.any(MongoUnavailable), expect.any(MongoUnavailable)])
    expect(asked()).toBe(4)
    pass(1000)
    answer()
    expect(await ask()).toBe('found')
    expect(await Promise.all([ask(), ask()])).toEqual(['found', 'found'])
  })

  test('counts what another part of the platform has found to be an outage', async () => {
    const { read } = createMongoReader({} as Db, { failures: 1 })
    const found = new MongoUnavailable(new Error('gone'))
    await expect(read(() => Promise.reject(found))).rejects.toBe(found)
    await expect(read(async () => 1)).rejects.toThrow('not tried')
  })
})
