import { describe, expect, test } from 'vitest'
import { newId } from '../../ids.ts'
import { partitionOf } from '../../log/partition.ts'
import { type Log, LogUnavailable } from '../../log/port.ts'
import { callOf, type Said } from '../call.testing.ts'
import { append, commandFrom } from './submission.ts'

const at = new Date('2030-01-01T10:00:00.000Z')
const identity = { command: newId(), newId: newId(), hash: 'hash', keyed: true }
const draft = { type: 'leaf.update', entity: newId(), root: 'root', payload: { name: 'oak' } }
const command = (said: Said = {}, more: object = {}) => commandFrom(callOf(said), identity, { ...draft, ...more }, at)

describe('a command', () => {
  test('says what was asked, when, by whom and in which request', () => {
    const call = callOf()
    call.ctx.traceparent = '00-1-2-01'
    expect(commandFrom(call, identity, { ...draft, schema: 3, expectedVersion: 8 }, at)).toEqual({
      v: 1,
      id: identity.command,
      type: 'leaf.update',
      schema: 3,
      at: '2030-01-01T10:00:00.000Z',
      actor: { id: call.ctx.actor!.id, role: 'member' },
      entity: draft.entity,
      root: 'root',
      payload: { name: 'oak' },
      expectedVersion: 8,
      hash: 'hash',
      keyed: true,
      request: call.ctx.requestId,
      traceparent: '00-1-2-01',
    })
  })

  test('of nobody is a member’s, of the first schema, against any version', () => {
    const { actor, schema, ...rest } = command({ actor: null })
    expect([actor, schema]).toEqual([{ id: null, role: 'member' }, 1])
    expect(rest).not.toHaveProperty('expectedVersion')
    expect(rest).not.toHaveProperty('traceparent')
  })

  test('never carries a secret', () => {
    const said = { spec: { secrets: ['password'] }, input: { name: 'ivan', password: 'open sesame' } }
    expect(() => command(said, { payload: { name: 'ivan', password: 'open sesame' } })).toThrow('secret password')
  })
})

describe('appending', () => {
  const logOf = (appended: Log['append']) => ({ append: appended }) as Log

  test('puts it into the partition of its root, and says where it is', async () => {
    const calls: unknown[] = []
    const log = logOf(async (topic, records) => {
      calls.push([topic, records])
      return [41]
    })
    const partition = partitionOf('root')
    const sent = { ...command(), request: 'r1', traceparent: '00-1-2-01' }
    expect(await append(log, sent)).toEqual({ partition, offset: 41 })
    const headers = { type: sent.type, request: 'r1', traceparent: '00-1-2-01' }
    expect(calls).toEqual([['commands', [{ partition, key: 'root', value: JSON.stringify(sent), headers }]]])
  })

  test.each([
    ['no', 'log.unavailable'],
    ['unknown', 'log.unknown'],
  ] as const)('where the log may have it: %s, tells the client so and when to try again', async (written, code) => {
    const log = logOf(() => Promise.reject(new LogUnavailable('it does not answer', written)))
    await expect(append(log, command())).rejects.toMatchObject({ name: 'Failure', code, retryAfter: 1 })
  })

  test('does not take a fault of our own for an outage', async () => {
    const log = logOf(() => Promise.reject(new RangeError('too large')))
    await expect(append(log, command())).rejects.toThrow(RangeError)
  })
})
