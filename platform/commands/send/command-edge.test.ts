import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { newId } from '../../ids.ts'
import { partitionOf } from '../../log/partition.ts'
import { callOf, type Said } from '../call.testing.ts'
import type { Draft, Entity } from '../command.ts'
import { apart, type LeafPayload } from '../test-consumer.testing.ts'
import { parseToken, TOKEN_HEADER } from '../watermarks/token.ts'
import { openWritePath, type WritePath } from '../write-path.testing.ts'
import type { Answer, Call } from './edge.ts'

let path: WritePath
beforeAll(async () => {
  path = await openWritePath()
})
afterEach(() => path.consumer.go())
afterAll(() => path.close())

/** What implement() does with a call, without the checks. */
async function run(call: Call, payload: LeafPayload = { name: 'oak' }, draft: Partial<Draft> = {}) {
  const identity = path.edge.identify(call)
  const earlier = await path.edge.earlier(call, identity)
  if (earlier) return earlier
  const asked = { type: 'leaf.create', entity: identity.newId, root: 'root', payload: { ...payload }, ...draft }
  return path.edge.submit(call, identity, asked)
}

const mutate = (said: Said, payload?: LeafPayload, draft?: Partial<Draft>) => run(callOf(said), payload, draft)
const tokenOf = (call: Call) => parseToken(call.ctx.reply.headers.get(TOKEN_HEADER)!)
const end = async (root = 'root') => (await path.log.describe('commands')).ends[partitionOf(root)]!
const failure = (code: string, more: object = {}) => expect.objectContaining({ name: 'Failure', code, ...more })
const accepted = { receipt: expect.objectContaining({ status: 'accepted' }) }
const entityOf = (answer: Answer) => (answer as { entity: Entity }).entity
const receiptOf = (answer: Answer) => (answer as Extract<Answer, { receipt: unknown }>).receipt

describe('a mutation that waits', () => {
  test('answers the entity as decided, and a token that covers it', async () => {
    const call = callOf({ seen: new Map([[partitionOf(apart()[1]), 7]]) })
    const answer = await run(call, { name: 'oak' })
    expect(answer).toEqual({ entity: expect.objectContaining({ name: 'oak', version: 1 }) })
    expect(tokenOf(call)).toEqual(
      new Map([
        [partitionOf(apart()[1]), 7],
        [partitionOf('root'), (await end()) - 1],
      ]),
    )
  })

  test('throws the rejection, typed, and gives the token all the same', async () => {
    const call = callOf()
    const reject = { code: 'task.illegal_move', detail: 'not from done', extra: { allowed: ['todo'] } }
    await expect(run(call, { reject })).rejects.toEqual(
      failure('task.illegal_move', { message: 'not from done', extra: { allowed: ['todo'] } }),
    )
    expect(tokenOf(call).get(partitionOf('root'))).toBe((await end()) - 1)
  })

  test('answers the entity as it is where nothing had to change', async () => {
    const asIs = { id: newId(), version: 4, createdAt: 'then', updatedAt: 'then' }
    expect(await mutate({}, { asIs })).toEqual({ entity: asIs })
  })

  test('answers a removal with the tombstone', async () => {
    expect(entityOf(await mutate({}, { removed: true }))).toMatchObject({ deleted: true })
  })

  test('waits for the mark that its entity needs', async () => {
    path.consumer.hold('served')
    expect(await mutate({ mark: 'decided' })).toMatchObject({ entity: { version: 1 } })
    expect(await mutate({ mark: 'served', waitMs: 50 })).toEqual(accepted)
    const waiting = mutate({ mark: 'served' })
    await path.consumer.go()
    expect(await waiting).toMatchObject({ entity: { version: 1 } })
  })

  test('is told a rejection although nothing can be read yet', async () => {
    path.consumer.hold('served')
    const key = newId()
    const refused = () => mutate({ key, mark: 'served', waitMs: 20 }, { reject: { code: 'x.no' } })
    await vi.waitFor(() => expect(refused()).rejects.toEqual(failure('x.no')), { timeout: 10_000 })
  })
})

describe('a mutation that does not wait to the end', () => {
  test.each<[string, Said]>([
    ['asked not to', { respondAsync: true }],
    ['gave no time', { waitMs: 0 }],
    ['ran out of time', { waitMs: 30 }],
  ])('answers a receipt where it %s', async (_, said) => {
    path.consumer.hold('all')
    const call = callOf(said)
    const answer = receiptOf(await run(call))
    expect(answer).toEqual({
      status: 'accepted',
      id: expect.any(String),
      operation: expect.stringMatching(/^[\w-]{36}$/),
      token: call.ctx.reply.headers.get(TOKEN_HEADER),
    })
    const position = { partition: partitionOf('root'), offset: (await end()) - 1 }
    expect(tokenOf(call)).toEqual(new Map([[position.partition, position.offset]]))
    expect(path.operationIds.parse(answer.operation, call.ctx.actor!.id)).toEqual({ position, mark: 'decided' })
  })

  test('stops waiting when the client has gone', async () => {
    path.consumer.hold('all')
    const client = new AbortController()
    const waiting = run(callOf({ signal: client.signal, waitMs: 1_000_000 }))
    const before = await end()
    await vi.waitFor(async () => expect(await end()).toBe(before + 1))
    client.abort()
    expect(await waiting).toEqual(accepted)
  })

  test('is no error where its outcome cannot be read', async () => {
    await path.sql.script('ALTER TABLE outcomes RENAME COLUMN record TO unreadable')
    try {
      path.consumer.hold('all')
      const waiting = mutate({})
      const before = await end()
      await vi.waitFor(async () => expect(await end()).toBe(before + 1))
      await path.sql.query('UPDATE consumer_progress SET decided = $1 WHERE partition = $2', [
        before + 1,
        partitionOf('root'),
      ])
      expect(await waiting).toEqual(accepted)
    } finally {
      await path.sql.script('ALTER TABLE outcomes RENAME COLUMN unreadable TO record')
    }
  })

  test('gives a registration an operation for the user that it makes', async () => {
    const call = callOf({ actor: null, respondAsync: true })
    const { operation, id } = receiptOf(await run(call))
    expect(path.operationIds.parse(operation, id)).toBeDefined()
  })
})

describe('a retry under its key', () => {
  test('gets the first answer after a success, and nothing more is written', async () => {
    const key = newId()
    const first = await mutate({ key })
    const before = await end()
    const call = callOf({ key })
    expect(await run(call)).toEqual(first)
    expect(await end()).toBe(before)
    expect(tokenOf(call).get(partitionOf('root'))).toBe(before - 1)
  })

  test('gets the entity as it was then, whatever became of it since', async () => {
    const key = newId()
    const first = entityOf(await mutate({ key }))
    await mutate({}, { removed: true }, { entity: first.id, expectedVersion: 1 })
    expect(await mutate({ key })).toEqual({ entity: first })
  })

  test('gets the first answer after a rejection', async () => {
    const key = newId()
    const reject = { code: 'task.illegal_move', extra: { allowed: ['todo'] } }
    for (const payload of [{ reject }, { name: 'free now' }]) {
      await expect(mutate({ key }, payload)).rejects.toEqual(
        failure('task.illegal_move', { extra: { allowed: ['todo'] } }),
      )
    }
  })

  test('waits like the first while that is undecided, and both get one answer', async () => {
    path.consumer.hold('all')
    const key = newId()
    const before = await end()
    const both = [mutate({ key }), mutate({ key })]
    await vi.waitFor(async () => expect(await end()).toBe(before + 2))
    await path.consumer.go()
    const [first, second] = await Promise.all(both)
    expect(first).toEqual({ entity: expect.objectContaining({ name: 'oak' }) })
    expect(second).toEqual(first)
  })

  test('waits like the first while that is not readable', async () => {
    path.consumer.hold('served')
    const key = newId()
    await mutate({ key, mark: 'served', waitMs: 0 })
    await vi.waitFor(async () =>
      expect(await path.outcomes.of(path.edge.identify(callOf({ key })).command)).toBeDefined(),
    )
    expect(await mutate({ key, mark: 'served', waitMs: 30 })).toEqual(accepted)
    await path.consumer.go()
    expect(await mutate({ key, mark: 'served' })).toMatchObject({ entity: { name: 'oak' } })
  })

  test('follows the first one into another partition, and its token covers both', async () => {
    const [here, there] = apart()
    const key = newId()
    const first = await mutate({ key }, { name: 'oak' }, { root: there })
    const call = callOf({ key })
    const identity = path.edge.identify(call)
    const draft = { type: 'leaf.create', entity: identity.newId, root: here, payload: { name: 'oak' } }
    expect(await path.edge.submit(call, identity, draft)).toEqual(first)
    const ends = new Map([
      [partitionOf(here), (await end(here)) - 1],
      [partitionOf(there), (await end(there)) - 1],
    ])
    expect(tokenOf(call)).toEqual(ends)
  })

  test('with another input is 422, known before or in the fold, and the first stays as it was', async () => {
    const key = newId()
    path.consumer.hold('all')
    const before = await end()
    const first = mutate({ key, input: { name: 'oak' } })
    await vi.waitFor(async () => expect(await end()).toBe(before + 1))
    const racing = mutate({ key, input: { name: 'elm' } })
    const refused = expect(racing).rejects.toEqual(failure('idempotency.reused'))
    await vi.waitFor(async () => expect(await end()).toBe(before + 2))
    await path.consumer.go()
    await refused
    const answer = await first
    await expect(mutate({ key, input: { name: 'ash' } })).rejects.toEqual(failure('idempotency.reused'))
    expect(await mutate({ key, input: { name: 'oak' } })).toEqual(answer)
  })

  test('of another secret is a retry', async () => {
    const key = newId()
    const register = (password: string): Said => ({
      key,
      actor: null,
      spec: { secrets: ['password'], keyScope: 'name' },
      input: { name: 'ivan', password },
    })
    const first = await mutate(register('a'))
    expect(await mutate(register('b'))).toEqual(first)
  })
})
