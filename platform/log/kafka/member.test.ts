import { EventEmitter } from 'node:events'
import type { Kafka } from 'kafkajs'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { joinGroup, type Member } from './member.ts'
import { PlaceLost } from './membership.ts'

const events = {
  GROUP_JOIN: 'join',
  HEARTBEAT: 'heartbeat',
  REBALANCING: 'rebalancing',
  CRASH: 'crash',
}

/** A consumer of kafkajs that does what the test says, joined to a group. */
function joined() {
  const said = new EventEmitter()
  const consumer = {
    events,
    on: (name: string, listener: (event: object) => void) => said.on(name, listener),
    connect: async () => {},
    subscribe: async () => {},
    run: async () => {},
    disconnect: async () => {},
  }
  const assigned = vi.fn()
  const kafka = { consumer: () => consumer } as unknown as Kafka
  const member = joinGroup({ kafka, groupId: 'group', topic: 'topic', assigned, fetched: () => {} })
  const say = (name: string, payload: object = {}) => said.emit(name, { payload })
  const joins = (memberId = 'me') => say('join', { memberId, memberAssignment: { topic: [0] } })
  const beats = (groupGenerationId: number, memberId = 'me') => say('heartbeat', { memberId, groupGenerationId })
  joins()
  return { member, assigned, say, joins, beats }
}

/** Why it has ended; undefined where it goes on. */
const end = (member: Member) => Promise.race([member.ended, Promise.resolve(undefined)])

describe('a member whose kafkajs goes on', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  test('under a generation whose partitions it was not told has ended', async () => {
    const { member, joins, beats } = joined()
    beats(7)
    beats(7)
    joins()
    beats(8)
    expect(await end(member)).toBeUndefined()
    beats(9)
    expect(await end(member)).toBeUndefined() // its partitions may be on their way
    beats(9)
    expect(await end(member)).toBeInstanceOf(PlaceLost)
  })

  test('under a generation whose partitions it is told behind the first heartbeat goes on', async () => {
    const { member, joins, beats } = joined()
    beats(7)
    beats(8)
    joins()
    beats(8)
    beats(8)
    expect(await end(member)).toBeUndefined()
  })

  test('after a rebalance without its partitions has ended, be it before the first heartbeat', async () => {
    const { member, say, beats } = joined()
    say('rebalancing')
    expect(await end(member)).toBeUndefined()
    beats(8)
    beats(8)
    expect(await end(member)).toBeInstanceOf(PlaceLost)
  })

  test('to join, for as long as that may take, has not ended', async () => {
    const { member, say, joins, beats } = joined()
    beats(7)
    say('rebalancing')
    await vi.advanceTimersByTimeAsync(60_000)
    joins()
    beats(8)
    expect(await end(member)).toBeUndefined()
  })

  test('as another member than the one that was assigned partitions has ended', async () => {
    const { member, beats } = joined()
    beats(7)
    beats(7, 'me, forgotten and back')
    beats(7, 'me, forgotten and back')
    expect(await end(member)).toBeInstanceOf(PlaceLost)
  })

  test('without heartbeats has ended after a while', async () => {
    const { member, beats } = joined()
    for (let time = 0; time < 10; time++) {
      await vi.advanceTimersByTimeAsync(10_000)
      beats(7)
    }
    expect(await end(member)).toBeUndefined()
    await vi.advanceTimersByTimeAsync(40_000)
    expect(await end(member)).toBeInstanceOf(PlaceLost)
  })

  test('behind its end is not listened to', async () => {
    const { member, assigned, joins, beats } = joined()
    beats(7)
    beats(8)
    beats(8)
    joins()
    expect(assigned).toHaveBeenCalledOnce()
    await member.leave()
    expect(vi.getTimerCount()).toBe(0)
  })

  test('ends with its crash, too', async () => {
    const { member, say } = joined()
    const error = new Error('crashed')
    say('crash', { error })
    expect(await end(member)).toBe(error)
  })
})
