import { beforeEach, describe, expect, test } from 'vitest'
import type { Command } from '../../../platform/commands/command.ts'
import { createDecider } from '../decide/decide.ts'
import { entities } from '../entities.ts'
import { commandOf, idIn, userPayload } from '../fixture.testing.ts'
import { type ProgressRow, readProgress, takeOver } from '../ownership/progress.ts'
import { commands, type Owner, once, oneMore, openFollowing, P } from './following.testing.ts'

const bench = openFollowing()
const { take, row, servedAll } = bench

/** What an owner does with a batch, in order, until all of it is served. */
async function stepsOf(owner: ReturnType<typeof take>): Promise<string[]> {
  await owner.partition
  await bench.stage.send(...commands())
  const before = owner.calls.length
  await owner.feed()
  await servedAll(4)
  const steps = /^((?:log|cache|mongo\.apply|mongo\.cursors\.move|sql progress-move|sql transaction).*) before$/
  return owner.calls.slice(before).flatMap((call) => steps.exec(call)?.[1] ?? [])
}

test('it is published, then refreshed, then decided; then in MongoDB, its cursor there, refreshed, then served', async () => {
  const owner = take()
  expect(await stepsOf(owner)).toEqual([
    ...['sql transaction', 'log.append events', 'cache.refresh', 'sql progress-move'],
    ...['mongo.apply', 'mongo.cursors.move', 'cache.refresh', 'sql progress-move'],
  ])
  await expect.poll(() => owner.told.at(-1)).toMatchObject({ partition: P, decided: 4, served: 4 })
  expect(owner.told[0]).toMatchObject({ decided: 4, served: 0 })
  await bench.stage.audit([P])
})

describe('without a MongoDB', () => {
  beforeEach(bench.withoutMongo)

  test('it is published, then refreshed, and then all of it is told at once', async () => {
    const owner = take()
    const steps = ['sql transaction', 'log.append events', 'cache.refresh', 'sql progress-move']
    expect(await stepsOf(owner)).toEqual(steps)
    await expect.poll(() => owner.told.at(-1)).toMatchObject({ decided: 4, served: 4 })
    await bench.stage.audit([P])
  })

  test('an owner after one that had a MongoDB, and was behind with it, tells what was decided', async () => {
    await bench.stage.send(...commands())
    const former = take()
    await former.feed()
    await servedAll(4)
    await former.leave()
    await bench.stage.sql.query('UPDATE consumer_progress SET served = 2 WHERE partition = $1', [P])
    const next = take()
    await servedAll(4)
    await expect.poll(() => next.told.at(-1)).toMatchObject({ decided: 4, served: 4 })
  })
})

test('one append at a time, the next after its acknowledgement', async () => {
  const owner = take()
  await bench.stage.send(...commands())
  await owner.feed()
  for (let n = 0; n < 20; n++) {
    await bench.stage.send(oneMore(`more${n}`))
    await owner.feed()
  }
  await servedAll(24)
  const appends = owner.calls.filter((call) => call.startsWith('log.append'))
  expect(appends).toEqual(appends.map((_, index) => `log.append events ${index % 2 ? 'after' : 'before'}`))
})

test('while events cannot be written nothing is told, and deciding is one batch ahead', async () => {
  let down = true
  const owner = take((call) => (down && call.startsWith('log.append') ? 'fail' : undefined))
  const nobody = () => commandOf('user.remove', idIn(P), {})
  for (let n = 0; n < 4; n++) await bench.stage.send(...Array.from({ length: 500 }, nobody))
  const fed = owner.feed()
  await expect.poll(async () => (await row()).next, { timeout: 15_000 }).toBe(1000)
  const tries = () => owner.calls.filter((call) => call === 'log.append events before').length
  const before = tries()
  await expect.poll(tries, { timeout: 15_000 }).toBeGreaterThan(before + 2)
  expect(await row()).toMatchObject({ next: 1000, published: 0, decided: 0, served: 0 })
  expect(owner.told).toEqual([])
  down = false
  expect(await fed).toBe(2000)
  await servedAll(2000)
  await bench.stage.audit([P])
}, 40_000)

test('a large batch is appended in parts, and of those only the one that failed again', async () => {
  const owner = take(once('log.append events', 'before', 2, 'fail'))
  await bench.stage.send(...Array.from({ length: 500 }, () => commandOf('user.remove', idIn(P), {})))
  await owner.feed()
  await servedAll(500)
  expect(bench.stage.appended.map(({ offset }) => offset)).toEqual(Array.from({ length: 500 }, (_, n) => n))
  expect(owner.calls.filter((call) => call === 'log.append events before')).toHaveLength(3)
})

describe('the cache', () => {
  const raises = (owner: Owner) => owner.calls.filter((call) => /^sql progress-(raise|shut) before$/.test(call))

  test('a refresh without an answer counts as an outage, even if a second one succeeds', async () => {
    const owner = take(once('cache.refresh', 'after', 1, 'fail'))
    await bench.stage.send(...commands())
    await owner.feed()
    await servedAll(4)
    expect(raises(owner)[0]).toBe('sql progress-shut before')
    const shut = owner.calls.indexOf('sql progress-shut after')
    expect(owner.calls.indexOf('sql progress-move before')).toBeGreaterThan(shut)
  })

  test('while it is down the epoch is raised to odd once, and marks move without it; then it is opened and used', async () => {
    let down = true
    const owner = take((call) => (down && call.startsWith('cache') ? 'fail' : undefined))
    await bench.stage.send(...commands())
    await owner.feed()
    await servedAll(4)
    for (let n = 0; n < 5; n++) {
      await bench.stage.send(oneMore(`more${n}`))
      await owner.feed()
      await expect.poll(row).toMatchObject({ decided: 5 + n, served: 5 + n })
    }
    expect(raises(owner)).toEqual(['sql progress-shut before'])
    expect((await row()).epoch % 2).toBe(1)
    expect(owner.calls.filter((call) => call === 'cache.refresh before')).toHaveLength(1)
    down = false
    await expect.poll(async () => (await row()).epoch % 2).toBe(0)
    await bench.stage.send(oneMore('later'))
    await owner.feed()
    await servedAll(10)
    expect(owner.calls.filter((call) => call === 'cache.refresh before')).toHaveLength(2)
  })

  test('a new owner brings MongoDB up to date, then raises again, and only then tells what is served', async () => {
    const former = take(once('mongo.apply', 'before', 1, 'die'))
    await bench.stage.send(...commands())
    former.feed().catch(() => undefined)
    await expect.poll(() => former.process.dead).toBe(true)
    const next = take()
    await servedAll(4)
    const written = next.calls.indexOf('mongo.apply after')
    const raised = next.calls.indexOf('sql progress-raise before', written)
    const told = next.calls.indexOf('sql progress-move before', written)
    expect(written).toBeGreaterThan(-1)
    expect(raised).toBeGreaterThan(written)
    expect(told).toBeGreaterThan(raised)
  })
})

describe('no effect before its cause', () => {
  const Q = 2

  /** Commits in the order of the list, and publishes nothing. */
  async function commitOnly(...commands: Command[]): Promise<void> {
    const decider = createDecider(bench.stage.sql, entities, 1)
    const epochs = new Map<number, number>()
    for (const partition of [P, Q]) {
      epochs.set(partition, (await takeOver(bench.stage.sql, partition, Date.now())).epoch)
    }
    for (const command of commands) {
      const [position] = await bench.stage.send(command)
      const { partition, offset } = position!
      await decider.decide(partition, epochs.get(partition)!, await bench.stage.read(partition, offset, 1))
    }
  }

  test('across partitions, and whatever the order in which their owners come', async () => {
    const [a, b, c] = [idIn(P), idIn(Q), idIn(P)]
    const name = (username: string) => ({ username, usernameKey: username })
    await commitOnly(
      commandOf('user.create', a, userPayload('anna')),
      commandOf('user.create', b, userPayload('boris')),
      commandOf('user.update', a, name('away')),
      commandOf('user.update', b, name('anna')), // needs that a gave it up
      commandOf('user.create', c, userPayload('boris', { emailKey: 'c@x.org' })), // needs that b gave it up
    )
    const second = take(undefined, Q)
    await second.partition
    const first = take(undefined, P)
    await servedAll(3)
    await expect
      .poll(() => readProgress(bench.stage.sql, Q))
      .toMatchObject({ served: 2 } satisfies Partial<ProgressRow>)
    expect(bench.stage.appended.map(({ entity, offset }) => [entity, offset])).toEqual([
      [a, 0],
      [b, 0],
      [a, 1],
      [b, 1],
      [c, 2],
    ])
    await bench.stage.audit([P, Q])
    expect([first.process.fault, second.process.fault]).toEqual([undefined, undefined])
  })
})
