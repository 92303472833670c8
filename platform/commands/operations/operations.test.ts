import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Actor } from '../../auth/actor.ts'
import { newId } from '../../ids.ts'
import { callOf, type Said } from '../call.testing.ts'
import type { Receipt } from '../command.ts'
import type { Answer, Call } from '../send/edge.ts'
import type { LeafPayload } from '../test-consumer.testing.ts'
import { openWritePath, type WritePath } from '../write-path.testing.ts'
import { operationsContract } from './contract.ts'
import { createOperationIds, operationSecret } from './operation-id.ts'
import { createOperations, type Operations } from './operations.ts'
import { receipt } from './receipt.ts'

let path: WritePath
let operations: Operations
beforeAll(async () => {
  path = await openWritePath()
  operations = createOperations({
    ...path,
    show: (kind, { id, version }, actor) => ({ id, version, shownAs: kind, to: actor.id }),
  })
})
afterEach(() => path.consumer.go())
afterAll(() => path.close())

const ivan: Actor = { id: newId(), role: 'member', session: 'a' }
const olga: Actor = { id: newId(), role: 'admin', session: 'b' }
const notFound = expect.objectContaining({ name: 'Failure', code: 'operation.not_found' })
const toTheEnd = { waitMs: 10_000 }
const atOnce = { waitMs: 0 }

async function accept(payload: LeafPayload, said: Said = {}): Promise<Receipt> {
  const call: Call = callOf({ actor: ivan.id, respondAsync: true, ...said })
  const identity = path.edge.identify(call)
  const draft = { type: 'leaf.create', entity: identity.newId, root: 'root', payload: { ...payload } }
  const answer: Answer = await path.edge.submit(call, identity, draft)
  return receipt.parse((answer as { receipt: Receipt }).receipt)
}

describe('an operation', () => {
  test('is pending, and then what it came to', async () => {
    path.consumer.hold('all')
    const { operation, id } = await accept({ name: 'oak' })
    expect(await operations.find(operation, ivan, atOnce)).toEqual({ status: 'pending' })
    const waiting = operations.find(operation, ivan, toTheEnd)
    await path.consumer.go()
    const state = {
      status: 'succeeded',
      type: 'leaf.create',
      entity: id,
      version: 1,
      value: { id, version: 1, shownAs: 'leaf', to: ivan.id },
    }
    expect(await waiting).toEqual(state)
    expect(operationsContract.byId.output.parse(await waiting)).toEqual(state)
  })

  test('that was decided against says why', async () => {
    const error = { code: 'task.illegal_move', detail: 'not from done', extra: { allowed: ['todo'] } }
    const { operation } = await accept({ reject: error })
    const state = await operations.find(operation, ivan, toTheEnd)
    expect(state).toEqual({ status: 'rejected', error })
    expect(operationsContract.byId.output.parse(state)).toEqual(state)
  })

  test('that removed its entity has no value', async () => {
    const { operation } = await accept({ removed: true })
    expect(await operations.find(operation, ivan, toTheEnd)).toMatchObject({
      status: 'succeeded',
      version: 1,
      value: null,
    })
  })

  test('that changed nothing shows the entity as it was', async () => {
    const asIs = { id: newId(), version: 5, createdAt: 'then', updatedAt: 'then' }
    const { operation } = await accept({ asIs })
    expect(await operations.find(operation, ivan, toTheEnd)).toMatchObject({
      status: 'succeeded',
      version: 5,
      value: { id: asIs.id },
    })
  })

  test('of a repeat is what the first came to', async () => {
    const key = newId()
    path.consumer.hold('all')
    const [first, second] = [await accept({ name: 'oak' }, { key }), await accept({ name: 'oak' }, { key })]
    expect(second.operation).not.toBe(first.operation)
    await path.consumer.go()
    const state = await operations.find(first.operation, ivan, toTheEnd)
    expect(await operations.find(second.operation, ivan, toTheEnd)).toEqual(state)
  })

  test('stays pending until its entity can be read, unless there is none to read', async () => {
    path.consumer.hold('served')
    const made = await accept({ name: 'oak' }, { mark: 'served' })
    const refused = await accept({ reject: { code: 'x.no' } }, { mark: 'served' })
    await vi.waitFor(async () => {
      expect(await operations.find(refused.operation, ivan, atOnce)).toMatchObject({ status: 'rejected' })
    })
    expect(await operations.find(made.operation, ivan, atOnce)).toEqual({ status: 'pending' })
    await path.consumer.go()
    expect(await operations.find(made.operation, ivan, toTheEnd)).toMatchObject({ status: 'succeeded' })
  })

  test('is not told before the watermark, although its row is there', async () => {
    path.consumer.hold('decided')
    const { operation } = await accept({ reject: { code: 'x.no' } })
    const { position } = path.operationIds.parse(operation, ivan.id)!
    await vi.waitFor(async () => expect(await path.outcomes.at(position)).toBeDefined())
    expect(await operations.find(operation, ivan, atOnce)).toEqual({ status: 'pending' })
  })

  test('stops waiting when the client has gone', async () => {
    path.consumer.hold('all')
    const { operation } = await accept({ name: 'oak' })
    const client = new AbortController()
    const waiting = operations.find(operation, ivan, { waitMs: 1_000_000, signal: client.signal })
    client.abort()
    expect(await waiting).toEqual({ status: 'pending' })
  })

  test('is not found by anyone else, an admin included', async () => {
    const { operation } = await accept({ name: 'oak' })
    await expect(operations.find(operation, olga, toTheEnd)).rejects.toEqual(notFound)
  })

  test('is not found once it is older than outcomes are kept', async () => {
    const { operation } = await accept({ name: 'oak' })
    await operations.find(operation, ivan, toTheEnd)
    const { position } = path.operationIds.parse(operation, ivan.id)!
    await path.sql.query('DELETE FROM outcomes WHERE partition = $1 AND position = $2', [
      position.partition,
      position.offset,
    ])
    await expect(operations.find(operation, ivan, toTheEnd)).rejects.toEqual(notFound)
  })
})

describe('the secret', () => {
  test('is made once for a database', async () => {
    const opened = await Promise.all([operationSecret(path.sql), operationSecret(path.sql)])
    expect(opened[0]).toHaveLength(32)
    expect(opened[1]).toEqual(opened[0])
    const { operation } = await accept({ name: 'oak' })
    expect(createOperationIds(opened[0]).parse(operation, ivan.id)).toBeDefined()
  })
})

describe('operations.byId', () => {
  test('takes no longer wait than ten seconds, and no other field', () => {
    const { input } = operationsContract.byId
    for (const more of [{ wait: 11 }, { wait: -1 }, { wait: '2' }, { actor: 'x' }]) {
      expect(input.safeParse({ id: 'x', ...more }).success).toBe(false)
    }
  })
})
