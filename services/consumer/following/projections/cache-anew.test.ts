import { describe, expect, test, vi } from 'vitest'
import { odd, openCacheOwners, user } from './cache.testing.ts'

// When the cache begins anew: after it was away, over another connection, and under a store that was behind.

const { owner } = openCacheOwners()

describe('rule 6 of decision 5: without a cache', () => {
  test('the epoch is raised to odd once, and marks move without it', async () => {
    const { projection, clock, trouble, ownership, onShut, moves } = await owner()
    trouble.cache = true
    await projection.apply([user])
    const shut = ownership.epoch()
    expect(odd(shut)).toBe(true)
    for (let nth = 0; nth < 5; nth++) {
      await projection.apply([user])
      await clock.pass(250)
    }
    expect(ownership.epoch()).toBe(shut)
    expect(onShut).toHaveBeenCalledTimes(1)
    expect(await moves()).toBe(true)
  })

  test('when it answers the epoch is raised to even, and refreshes go on under it', async () => {
    const { projection, clock, trouble, ownership, refreshed } = await owner()
    trouble.cache = true
    await projection.apply([user])
    const shut = ownership.epoch()
    trouble.cache = false
    await projection.apply([user]) // not before it was asked
    expect(refreshed).toEqual([])
    await clock.pass(250)
    await expect.poll(() => ownership.epoch()).toBeGreaterThan(shut)
    expect(odd(ownership.epoch())).toBe(false)
    await projection.apply([user])
    expect(JSON.parse(refreshed[0]![0]!.value)).toMatchObject({ epoch: ownership.epoch() })
  })

  test('it is asked again and again, also when Postgres refuses the raise', async () => {
    const { projection, clock, trouble, ownership } = await owner()
    trouble.cache = true
    await projection.apply([user])
    Object.assign(trouble, { cache: false, raise: true })
    await clock.pass(250)
    expect(odd(ownership.epoch())).toBe(true)
    trouble.raise = false
    await vi.waitFor(async () => {
      await clock.pass(250)
      expect(odd(ownership.epoch())).toBe(false)
    })
  })

  test('nobody asks any more when the partition is given up', async () => {
    const { projection, clock, trouble, stop } = await owner()
    trouble.cache = true
    await projection.apply([user])
    await expect.poll(() => clock.sleepers).toBe(1)
    stop.abort(new Error('given up'))
    await clock.pass(0)
    expect(clock.sleepers).toBe(0)
  })
})

describe('rule 9 of decision 5: a connection that was made anew may lead to an older cache', () => {
  test('so the epoch is raised, and stays even', async () => {
    const { reconnect, ownership } = await owner()
    const before = ownership.epoch()
    reconnect()
    await expect.poll(() => ownership.epoch()).toBeGreaterThan(before)
    expect(odd(ownership.epoch())).toBe(false)
  })

  test('before the next refresh at the latest, however often that must be tried', async () => {
    const { reconnect, projection, trouble, ownership, refreshed } = await owner()
    const before = ownership.epoch()
    trouble.raise = true
    reconnect()
    await expect(projection.apply([user])).rejects.toThrow('Postgres is away')
    expect(refreshed).toEqual([])
    trouble.raise = false
    await projection.apply([user])
    expect(ownership.epoch()).toBeGreaterThan(before)
    expect(JSON.parse(refreshed[0]![0]!.value)).toMatchObject({ epoch: ownership.epoch() })
  })

  test('once more if it happens again meanwhile', async () => {
    const { reconnect, projection, ownership } = await owner()
    const raise = vi.spyOn(ownership, 'raise')
    raise.mockImplementationOnce(async (shut) => {
      reconnect()
      return ownership.raise(shut)
    })
    reconnect()
    await projection.apply([user])
    expect(raise.mock.calls.length).toBeGreaterThanOrEqual(3) // the call that is counted twice, and the second raise
  })

  test('once is enough', async () => {
    const { reconnect, projection, ownership } = await owner()
    reconnect()
    await projection.apply([user])
    const epoch = ownership.epoch()
    await projection.apply([user])
    expect(ownership.epoch()).toBe(epoch)
  })
})

describe('rule 7 of decision 5: renewing', () => {
  test.each([true, false])('starts a new epoch, whoever reads the cache (local: %s)', async (local) => {
    const { projection, ownership } = await owner({ local })
    const before = ownership.epoch()
    await projection.renew()
    expect(ownership.epoch()).toBeGreaterThan(before)
    expect(odd(ownership.epoch())).toBe(false)
  })

  test('does not open a cache that is shut: opening it starts a new one anyway', async () => {
    const { projection, trouble, ownership } = await owner()
    trouble.cache = true
    await projection.apply([user])
    const shut = ownership.epoch()
    await projection.renew()
    expect(ownership.epoch()).toBe(shut)
  })

  test('makes good a raise that failed', async () => {
    const { projection, trouble, ownership } = await owner()
    const before = ownership.epoch()
    Object.assign(trouble, { cache: true, raise: true })
    await expect(projection.apply([user])).rejects.toThrow('Postgres is away')
    await expect(projection.renew()).rejects.toThrow('Postgres is away')
    trouble.raise = false
    await projection.renew()
    expect(ownership.epoch()).toBeGreaterThan(before)
  })
})
