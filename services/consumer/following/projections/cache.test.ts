import { describe, expect, test, vi } from 'vitest'
import { PARTITIONS } from '../../../../platform/log/port.ts'
import { Fenced } from '../../ownership/ownership.ts'
import { odd, openCacheOwners, SETTLE_MS, task, user } from './cache.testing.ts'

// The rules are those of the protocol by which the cache never contradicts what was told; numbers as in its table.

const { owner, fence } = openCacheOwners()

test('what changed is refreshed under the owner’s epoch, and its lists get a new stamp', async () => {
  const { projection, refreshed, ownership, partition: own } = await owner()
  await projection.apply([user, task])
  const epoch = ownership.epoch()
  expect(refreshed[0]?.map(({ key, mode }) => [key, mode])).toEqual([
    ['user:x', 'newer'],
    ['task:x', 'newer'],
    ['stamp:users', 'always'],
    ['stamp:tasks:p', 'always'],
  ])
  const values = refreshed[0]?.map(({ value }) => JSON.parse(value))
  expect(values?.[0]).toMatchObject({ version: 3, epoch, id: 'x' })
  // One that spans partitions carries the epochs of all: its own exactly.
  expect(values?.[2].epochs).toEqual(
    Object.fromEntries(Array.from({ length: PARTITIONS }, (_, nth) => [nth, nth === own ? epoch : 2])),
  )
  expect(values?.[3].epochs).toEqual({ [own]: epoch })
})

describe('rule 4 of decision 5: a refresh without an answer counts as an outage', () => {
  test('even if a retry would succeed, because the raise itself failed first', async () => {
    const { projection, refreshed, trouble, ownership } = await owner()
    const before = ownership.epoch()
    Object.assign(trouble, { cache: true, raise: true })
    await expect(projection.apply([user])).rejects.toThrow('Postgres is away')
    Object.assign(trouble, { cache: false, raise: false })
    await projection.apply([user])
    expect(ownership.epoch()).toBeGreaterThan(before)
    expect(odd(ownership.epoch())).toBe(true)
    expect(refreshed).toEqual([])
  })

  test('whatever the error is', async () => {
    const { projection, refreshed, ownership } = await owner()
    const push = vi.spyOn(refreshed, 'push').mockImplementation(() => {
      throw new TypeError('of another kind')
    })
    await projection.apply([user])
    push.mockRestore()
    expect(odd(ownership.epoch())).toBe(true)
  })
})

test('rule 5 of decision 5: after a raise the mark waits two polls, from then on none', async () => {
  const { projection, clock, trouble, moves } = await owner()
  expect(await moves()).toBe(false) // the takeover was a raise
  await clock.pass(SETTLE_MS)
  expect(await moves()).toBe(true)
  trouble.cache = true
  await projection.apply([user])
  expect(await moves()).toBe(false)
  await clock.pass(SETTLE_MS - 1)
  expect(await moves()).toBe(false)
  await clock.pass(1)
  expect(await moves()).toBe(true)
})

test('rule 3 of decision 5: who was fenced raises nothing', async () => {
  const { projection, trouble, partition: own } = await owner()
  await fence(own)
  await expect(projection.renew()).rejects.toThrow(Fenced)
  trouble.cache = true
  await expect(projection.apply([user])).rejects.toThrow(Fenced)
})

test('after the partition was given up nothing is written', async () => {
  const { projection, refreshed, stop } = await owner()
  stop.abort(new Error('given up'))
  await expect(projection.apply([user])).rejects.toThrow('given up')
  expect(refreshed).toEqual([])
})

test('a batch without changes asks nothing of the cache', async () => {
  const { projection, trouble, ownership } = await owner()
  const before = ownership.epoch()
  trouble.cache = true
  await projection.apply([])
  expect(ownership.epoch()).toBe(before)
})
