import { describe, expect, test } from 'vitest'
import { formatToken } from '../../platform/commands/watermarks/token.ts'
import { type Answer, broken, createWorld, data, never, refused, type Seen } from './wire.testing.ts'

const task = { id: 'task-1', version: 1, title: 'Fuel' }
const receipt = { status: 'accepted', operation: 'op-1', id: 'task-1', token: formatToken(new Map([[3, 7]])) } as const
const input = { projectId: 'APOLLO', title: 'Fuel' }
const account = { username: 'ann', email: 'ann@example.com', password: 'correct horse battery' }

/** Accepts every change, and tells of it what these say, one after the other. */
function deciding(...states: (object | Error)[]) {
  return ({ called }: Seen): Answer => {
    if (called !== 'operations.byId') return data(receipt, {}, 202)
    const state = states.length > 1 ? states.shift()! : states[0]!
    return state instanceof Error || state instanceof Response ? state : data(state)
  }
}
const succeeded = { status: 'succeeded', type: 'task.create', entity: 'task-1', version: 1, value: task }
const rejected = { status: 'rejected', error: { code: 'task.illegal_move', extra: { allowed: ['todo'] } } }

describe('a change that is accepted', () => {
  test('is the entity once it is decided', async () => {
    const { client, clock, seen } = createWorld(deciding({ status: 'pending' }, broken, succeeded), { auth: 'bearer' })
    const created = client.tasks.create.mutate(input)
    await clock.pass(1000)
    expect(await created).toEqual(task)
    const lookUps = seen.slice(1)
    expect(lookUps.map(({ input }) => input)).toEqual(Array(3).fill({ id: 'op-1', wait: expect.any(Number) }))
    expect(lookUps[0]).toMatchObject({ input: { wait: 10 } })
    expect(lookUps.every(({ headers }) => headers.get('consistency-token') === receipt.token)).toBe(true)
  })

  test('is nothing where it removed something', async () => {
    const { client } = createWorld(deciding({ ...succeeded, value: null }))
    expect(await client.tasks.remove.mutate({ id: 'task-1' })).toBeUndefined()
  })

  test('is the error that would have come at once, where it is rejected late', async () => {
    const late = createWorld(deciding(rejected)).client
    const atOnce = createWorld(() =>
      Response.json(
        {
          error: {
            message: 'A task in the state `from` does not move there; `allowed` names the states that it moves to.',
            code: -32009,
            data: { code: 'CONFLICT', httpStatus: 409, reason: 'task.illegal_move', allowed: ['todo'] },
          },
        },
        { status: 409 },
      ),
    ).client
    const [one, other] = await Promise.all(
      [late, atOnce].map((client) =>
        client.tasks.move.mutate({ id: 'task-1', state: 'done' }, { idempotencyKey: 'mine' }).catch((error) => error),
      ),
    )
    expect({ ...one, message: one.message, requestId: '' }).toEqual({ ...other, message: other.message, requestId: '' })
    expect(one).toMatchObject({ code: 'task.illegal_move', status: 409, extra: { allowed: ['todo'] } })
    expect(one).toMatchObject({ idempotencyKey: 'mine' })
  })

  test('says what was particular, where that was told', async () => {
    const error = { code: 'task.illegal_move', detail: 'It is done.' }
    const { client } = createWorld(deciding({ status: 'rejected', error }))
    await expect(client.tasks.move.mutate({ id: 'a', state: 'done' })).rejects.toMatchObject({ message: 'It is done.' })
  })

  test.each([
    ['pending for ever', { status: 'pending' }, 'client.timeout'],
    ['lost to sight', broken, 'client.network'],
    ['older than is kept', refused('operation.not_found', 404), 'operation.not_found'],
  ])('and is %s leaves its receipt', async (_, state, code) => {
    const { client, clock } = createWorld(deciding(state), { timeout: 5000 })
    const failed = expect(client.tasks.create.mutate(input)).rejects.toMatchObject({
      ...{ code, receipt, procedure: 'tasks.create' },
      message: expect.stringMatching(/^The change was accepted/),
    })
    await clock.pass(5000)
    await failed
    expect(clock.sleepers).toBe(0)
  })

  test('is repeated under its key where nobody may look it up: a registration', async () => {
    const { client, clock, seen } = createWorld((_, nth) => data(nth < 3 ? receipt : { id: 'ann' }))
    const registered = client.users.register.mutate(account)
    await clock.pass(1000)
    expect(await registered).toEqual({ id: 'ann' })
    expect(seen.map(({ called }) => called)).toEqual(Array(3).fill('users.register'))
    expect(new Set(seen.map(({ headers }) => headers.get('idempotency-key'))).size).toBe(1)
  })

  test.each([0, 0.5, 0.999])(
    'and repeated is repeated ever more rarely: each is another command (%d)',
    async (chance) => {
      const { client, clock, seen } = createWorld((_, nth) => (nth < 50 ? data(receipt) : refused('internal', 500)), {
        random: () => chance,
      })
      const registered = expect(client.users.register.mutate(account)).rejects.toMatchObject({ code: 'client.timeout' })
      for (let passed = 0; passed < 30_000; passed += 10) await clock.pass(10)
      await registered
      expect(seen.length).toBeGreaterThan(5)
      expect(seen.length).toBeLessThan(20)
    },
  )
})

describe('send', () => {
  test('is the receipt, as soon as there is one; settling it is the rest', async () => {
    const { client, seen } = createWorld(deciding(succeeded))
    const sent = await client.tasks.create.send(input)
    expect(sent).toEqual(receipt)
    expect(seen[0]!.headers.get('prefer')).toBe('respond-async')
    const elsewhere = createWorld(deciding(succeeded))
    expect(await elsewhere.client.settle(JSON.parse(JSON.stringify(sent)))).toEqual(task)
    expect(elsewhere.client.token).toBe(receipt.token)
    const refusing = createWorld(deciding(rejected)).client
    await expect(refusing.settle(sent)).rejects.toMatchObject({ code: 'task.illegal_move', status: 409 })
  })

  test('of what was decided long ago is a receipt that asks nobody', async () => {
    const { client, seen } = createWorld(() => data(task, { 'consistency-token': receipt.token }))
    const sent = await client.tasks.create.send(input, { idempotencyKey: 'again' })
    expect(sent).toMatchObject({ status: 'accepted', id: 'task-1', token: receipt.token })
    expect(await client.settle(JSON.parse(JSON.stringify(sent)))).toEqual(task)
    expect(seen).toHaveLength(1)
  })

  test('is refused at once by what is wrong at once', async () => {
    const { client } = createWorld(() => refused('task.not_found', 404))
    await expect(client.tasks.remove.send({ id: 'x' })).rejects.toMatchObject({ code: 'task.not_found' })
  })

  test('settling ends in time, and with the signal', async () => {
    const { client, clock } = createWorld(({ called }) => (called === 'operations.byId' ? never : data(receipt)))
    const sent = await client.tasks.create.send(input)
    const late = expect(client.settle(sent, { timeout: 300 })).rejects.toMatchObject({
      code: 'client.timeout',
      receipt,
    })
    const aborted = expect(client.settle(sent, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'client.aborted',
    })
    await clock.pass(300)
    await Promise.all([late, aborted])
  })
})

describe('what was seen', () => {
  const at = (...offsets: [number, number][]) => formatToken(new Map(offsets))

  test('is gathered from every answer, refusals too, and shown with every request', async () => {
    const answers = [
      data(task, { 'consistency-token': at([1, 5], [2, 1]) }),
      Response.json((await refused('task.illegal_move', 409).json()) as object, {
        status: 409,
        headers: { 'consistency-token': at([1, 4], [7, 9]) },
      }),
      data(task),
    ]
    const { client, seen } = createWorld((_, nth) => answers[nth - 1]!)
    await client.tasks.create.mutate(input)
    await client.tasks.move.mutate({ id: 'a', state: 'done' }).catch(() => undefined)
    await client.tasks.byId.query({ id: 'a' })
    expect(seen.map(({ headers }) => headers.get('consistency-token'))).toEqual([
      null,
      at([1, 5], [2, 1]),
      at([1, 5], [2, 1], [7, 9]),
    ])
    expect(client.token).toBe(at([1, 5], [2, 1], [7, 9]))
  })

  test('is handed over: what another client has seen is added to it', async () => {
    const { client, seen } = createWorld(() => data(task), { token: at([1, 5]) })
    client.token = at([2, 2])
    await client.users.me.query()
    client.token = undefined
    await client.users.me.query()
    expect(seen.map(({ headers }) => headers.get('consistency-token'))).toEqual([at([1, 5], [2, 2]), null])
  })
})
