import { exportJWK, generateKeyPair, type JWK } from 'jose'
import { afterEach, expect, test, vi } from 'vitest'
import type { Queryable } from '../sql/port.ts'
import { deferred } from '../waiting.ts'
import { createPublicKeys } from './public-keys.ts'

/** The table of keys, each of whose readings sees what is there when it begins, and ends when it is told to. */
function heldTable() {
  const rows: { kid: string; public_key: JWK }[] = []
  const readings: (() => void)[] = []
  const query = async () => {
    const seen = [...rows]
    const end = deferred<void>()
    readings.push(() => end.resolve())
    await end.promise
    return seen
  }
  return {
    sql: { query } as unknown as Queryable,
    readings,
    async publish(kid: string) {
      const { publicKey } = await generateKeyPair('Ed25519', { extractable: true })
      rows.push({ kid, public_key: await exportJWK(publicKey) })
    },
  }
}

afterEach(() => void vi.useRealTimers())

test('a key that was made while the keys were being read for a stranger is found', async () => {
  const { sql, readings, publish } = heldTable()
  const keys = createPublicKeys(sql)
  const stranger = keys.find('stranger')
  await publish('made meanwhile')
  const found = keys.find('made meanwhile')
  readings[0]!()
  expect(await stranger).toBeUndefined()
  await vi.waitFor(() => expect(readings).toHaveLength(2))
  readings[1]!()
  expect(await found).toBeDefined()
})

test('strangers who come while the keys are being read have them read once more, all of them together', async () => {
  const { sql, readings } = heldTable()
  const keys = createPublicKeys(sql)
  const strangers = Array.from({ length: 50 }, (_, nth) => keys.find(`stranger ${nth}`))
  for (const nth of [0, 1]) {
    await vi.waitFor(() => expect(readings).toHaveLength(nth + 1))
    readings[nth]!()
  }
  expect(await Promise.all(strangers)).toEqual(new Array(50).fill(undefined))
  expect(readings).toHaveLength(2)
})

test('strangers have the keys read ten times at once, then once a second', async () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  const { sql, readings } = heldTable()
  const keys = createPublicKeys(sql)
  const read = async (times: number) => {
    for (let nth = 0; nth < times; nth++) {
      const stranger = keys.find('stranger')
      readings.at(-1)!()
      expect(await stranger).toBeUndefined()
    }
    return readings.length
  }
  expect(await read(12)).toBe(10)
  vi.advanceTimersByTime(1000)
  expect(await read(2)).toBe(11)
})
