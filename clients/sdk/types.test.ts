import { describe, expect, expectTypeOf, test } from 'vitest'
import {
  type AnyCode,
  type ClientCode,
  type ErrorWith,
  type Extras,
  hasCode,
  type Input,
  type Output,
  type PlatformCode,
  type Project,
  type Receipt,
  type ReceiptOf,
  type Result,
  safe,
  type Task,
  TrefoilError,
  type User,
} from './mod.ts'
import { createWorld, data, refused } from './wire.testing.ts'

const { client } = createWorld(() => refused('task.illegal_move', 409, { allowed: ['todo'] }))

type MoveCode =
  | 'task.not_found'
  | 'project.not_found'
  | 'project.archived'
  | 'task.illegal_move'
  | PlatformCode
  | ClientCode

describe('the types of', () => {
  test('a change are its entity, and never a receipt', () => {
    expectTypeOf(client.tasks.create.mutate).returns.resolves.toEqualTypeOf<Task>()
    expectTypeOf<Receipt>().not.toExtend<Awaited<ReturnType<typeof client.tasks.create.mutate>>>()
    expectTypeOf(client.tasks.remove.mutate).returns.resolves.toEqualTypeOf<void>()
  })

  test('what is sent are a receipt, which settles to the entity', () => {
    expectTypeOf(client.tasks.create.send).returns.resolves.toEqualTypeOf<ReceiptOf<'tasks.create'>>()
    expectTypeOf<ReceiptOf<'tasks.create'>>().toExtend<Receipt>()
    const settled = (receipt: ReceiptOf<'tasks.create'>) => client.settle(receipt)
    expectTypeOf(settled).returns.resolves.toEqualTypeOf<Task>()
    const unknown = (receipt: Receipt) => client.settle(receipt)
    expectTypeOf(unknown).returns.resolves.toBeUnknown()
  })

  test('a query and a list are what the contract says', () => {
    expectTypeOf(client.projects.byId.query).returns.resolves.toEqualTypeOf<Project>()
    expectTypeOf(client.users.list.items).returns.toEqualTypeOf<AsyncIterableIterator<User>>()
    expectTypeOf(client.tasks.mine.query).toBeCallableWith()
    expectTypeOf<Input<'tasks.move'>['state']>().toEqualTypeOf<Task['state']>()
    expectTypeOf<Output<'tasks.list'>['items']>().toEqualTypeOf<Task[]>()
  })

  test('an error are the codes of its procedure, each a literal', () => {
    const moved = () => safe(client.tasks.move.mutate({ id: 'APOLLO-1', state: 'done' }))
    expectTypeOf(moved).returns.resolves.toEqualTypeOf<Result<Task, MoveCode>>()
    const settled = () => client.tasks.move.send({ id: 'a', state: 'done' }).then((sent) => safe(client.settle(sent)))
    expectTypeOf(settled).returns.resolves.toEqualTypeOf<Result<Task, MoveCode>>()
    expectTypeOf<Awaited<ReturnType<typeof moved>>[1]>().toEqualTypeOf<ErrorWith<MoveCode> | undefined>()
    const loggedIn = () => safe(client.login({ username: 'a', password: 'b' }))
    type LoginCode = NonNullable<Awaited<ReturnType<typeof loggedIn>>[1]>['code']
    expectTypeOf<LoginCode>().toEqualTypeOf<'credentials.wrong' | PlatformCode | ClientCode>()
  })

  test('what a kind does not offer are none', () => {
    expectTypeOf(client.tasks.byId).not.toHaveProperty('mutate')
    expectTypeOf(client.tasks.byId).not.toHaveProperty('items')
    expectTypeOf(client.tasks.create).not.toHaveProperty('query')
    expectTypeOf(client.users.logout).not.toHaveProperty('send')
    expectTypeOf(client).not.toHaveProperty('nonsense')
  })
})

// Each of these is refused by the compiler; were it not, `tsc` would complain of an unused directive.
test('what does not fit the contract does not compile', () => {
  const never = () => [
    // @ts-expect-error a project is missing
    client.tasks.create.mutate({ title: 'Fuel' }),
    // @ts-expect-error there is no such field
    client.tasks.create.mutate({ projectId: 1, title: 'Fuel', colour: 'red' }),
    // @ts-expect-error there is no such state
    client.tasks.move.mutate({ id: 'APOLLO-1', state: 'finished' }),
    // @ts-expect-error an input is needed
    client.tasks.byId.query(),
    // @ts-expect-error a query takes no key
    client.tasks.byId.query({ id: 'a' }, { idempotencyKey: 'x' }),
    // @ts-expect-error what no key guards takes none
    client.users.logout.mutate({}, { idempotencyKey: 'x' }),
    // @ts-expect-error a mismatch tells the version, and no moves
    (error: TrefoilError<'version.mismatch'>) => error.extra.allowed,
    // @ts-expect-error there is no such code
    hasCode(new Error(), 'task.nonsense'),
  ]
  expect(never).toBeTypeOf('function')
})

describe('an error', () => {
  test('tells with its code what its code tells', async () => {
    const [, error] = await safe(client.tasks.move.mutate({ id: 'a', state: 'done' }))
    expectTypeOf<NonNullable<typeof error>['extra']>().toExtend<Readonly<Record<string, unknown>>>()
    if (error?.code !== 'task.illegal_move') throw error
    expectTypeOf(error.extra).toEqualTypeOf<Extras['task.illegal_move']>()
    expect(error.extra.allowed.length).toBe(1)
    const caught: unknown = error
    if (!hasCode(caught, 'task.illegal_move', 'version.mismatch')) throw caught
    if (caught.code === 'version.mismatch') expectTypeOf(caught.extra.version).toEqualTypeOf<number | undefined>()
    else expectTypeOf(caught.extra.allowed).toEqualTypeOf<Task['state'][]>()
    expectTypeOf(caught).toExtend<TrefoilError>()
    expectTypeOf<TrefoilError['extra']>().toEqualTypeOf<Readonly<Record<string, unknown>>>()
  })

  test('is told apart by its code, with the compiler’s help', async () => {
    const error: unknown = await client.tasks.move.mutate({ id: 'a', state: 'done' }).catch((thrown) => thrown)
    expect(error).toBeInstanceOf(TrefoilError)
    expect([hasCode(error), hasCode(error, 'version.mismatch')]).toEqual([true, false])
    if (!hasCode(error, 'task.illegal_move', 'task.not_found')) throw error
    expectTypeOf(error.code).toEqualTypeOf<'task.illegal_move' | 'task.not_found'>()
    expectTypeOf(error.code).toExtend<AnyCode>()
    expect(hasCode(new Error('other'))).toBe(false)
  })

  test('or a result are values with safe, and what is neither is thrown', async () => {
    const [nothing, error] = await safe(client.tasks.move.mutate({ id: 'a', state: 'done' }))
    expect([nothing, error?.code]).toEqual([undefined, 'task.illegal_move'])
    const fine = createWorld(() => data({ id: 'x' })).client
    const [task, none] = await safe(fine.tasks.byId.query({ id: 'x' }))
    expect([task?.id, none]).toEqual(['x', undefined])
    await expect(safe(Promise.reject(new Error('one’s own fault')))).rejects.toThrow('own fault')
  })
})

test('a client is no promise, and its services are the same whenever they are asked for', async () => {
  expect(await client).toBe(client)
  expect(client.tasks).toBe(client.tasks)
  expect(client.tasks.list).toBe(client.tasks.list)
})
