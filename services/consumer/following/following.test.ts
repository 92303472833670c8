import process from 'node:process'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Command } from '../../../platform/commands/command.ts'
import {
  parseWatermark,
  WATERMARK_CHANNEL,
  type WatermarkMessage,
} from '../../../platform/commands/watermarks/message.ts'
import type { Sql } from '../../../platform/sql/port.ts'
import { createDecider } from '../decide/decide.ts'
import { entities } from '../entities.ts'
import { commandOf, idIn, projectPayload, taskPayload, testDatabase, userPayload } from '../fixture.testing.ts'
import { type ProgressRow, readProgress, takeOver } from '../ownership/progress.ts'
import type { OwnedPartition } from '../partition.ts'
import { type Hazard, type Process, startProcess } from '../testing/process.testing.ts'
import { openStage, type Stage } from '../testing/world.testing.ts'

const P = 1

describe('what follows a decision', () => {
  let database: { sql: Sql; drop(): Promise<void> }
  let stage: Stage
  let owners: Owner[]
  const unhandled: unknown[] = []
  const onUnhandled = (error: unknown) => void unhandled.push(error)

  beforeAll(async () => {
    process.on('unhandledRejection', onUnhandled)
    database = await testDatabase()
  })
  beforeEach(async () => {
    owners = []
    stage = await openStage(database.sql)
  })
  afterEach(async () => {
    await Promise.all(owners.map((owner) => owner.leave()))
    await stage.close()
    expect(unhandled).toEqual([])
  })
  afterAll(async () => {
    await database.drop()
    process.off('unhandledRejection', onUnhandled)
  })

  interface Owner {
    process: Process
    /** What it called, in order. */
    calls: string[]
    told: WatermarkMessage[]
    partition: Promise<OwnedPartition>
    /** Gives it what the log has from where it is. */
    feed(): Promise<number>
    leave(): Promise<void>
  }

  function take(hazard: Hazard = () => undefined, partition = P): Owner {
    const calls: string[] = []
    const told: WatermarkMessage[] = []
    const lost = new AbortController()
    const started = startProcess({
      ...stage,
      bus: {
        ...stage.bus,
        publish(channel, text) {
          expect(channel).toBe(WATERMARK_CHANNEL)
          told.push(parseWatermark(text)!)
        },
      },
      hazard(call, when) {
        calls.push(`${call} ${when}`)
        return hazard(call, when)
      },
    })
    const owned = started.own(partition, lost.signal)
    owned.catch(() => undefined)
    let from: number | undefined
    const owner: Owner = {
      ...{ process: started, calls, told, partition: owned },
      async feed() {
        const own = await owned
        from ??= own.next
        const { ends } = await stage.log.describe('commands')
        while (from < ends[partition]!) {
          from = await own.batch(await stage.read(partition, from, 500), lost.signal)
        }
        return from
      },
      async leave() {
        lost.abort()
        if (!started.dead && !started.asleep) await owned.then((own) => own.close()).catch(() => undefined)
        started.kill()
      },
    }
    owners.push(owner)
    return owner
  }

  /** Something for both stages, all in one partition. */
  function commands(): Command[] {
    const [user, project] = [idIn(P), idIn(P)]
    const by = { actor: { id: user, role: 'member' as const } }
    return [
      commandOf('user.create', user, userPayload('anna')),
      commandOf('project.create', project, projectPayload('Apollo', 'AP'), by),
      commandOf('task.create', idIn(P), taskPayload('one'), { ...by, root: project }),
      commandOf('task.create', idIn(P), taskPayload('two'), { ...by, root: project }),
    ]
  }

  const row = () => readProgress(stage.sql, P)
  const servedAll = async (end: number) =>
    expect
      .poll(row, { timeout: 15_000, interval: 5 })
      .toMatchObject({ next: end, published: end, decided: end, served: end })

  /** What an owner does with a batch, in order, until all of it is served. */
  async function stepsOf(owner: ReturnType<typeof take>): Promise<string[]> {
    await owner.partition
    await stage.send(...commands())
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
    await stage.audit([P])
  })

  describe('a MongoDB that has lost what it had', () => {
    async function served(): Promise<Owner> {
      const owner = take()
      await stage.send(...commands())
      await owner.feed()
      await servedAll(4)
      stage.mongo!.lose()
      return owner
    }
    const filled = async (end: number) => {
      await expect.poll(() => stage.mongo!.served.get(P), { timeout: 15_000 }).toBe(end)
      await servedAll(end)
      await stage.audit([P])
    }

    test('is filled again when the next change comes, under a new epoch', async () => {
      const owner = await served()
      const { epoch } = await row()
      await stage.send(commandOf('user.create', idIn(P), userPayload('boris')))
      await owner.feed()
      await filled(5)
      expect((await row()).epoch).toBeGreaterThan(epoch)
    })

    test('is filled again when none comes', async () => {
      await served()
      await filled(4)
    })

    test('is filled again even where that is seen while its mark cannot be moved', async () => {
      let down = false
      let moves = 0
      const owner = take((call, when) =>
        down && call === 'sql progress-move' && when === 'before' && ++moves > 1 ? 'fail' : undefined,
      )
      await stage.send(...commands())
      await owner.feed()
      await servedAll(4)
      down = true
      await stage.send(commandOf('user.create', idIn(P), userPayload('boris')))
      await owner.feed()
      await expect.poll(() => moves).toBeGreaterThan(1) // `decided` is moved, `served` is not
      stage.mongo!.lose()
      const looks = () => owner.calls.filter((call) => call === 'mongo.cursors.of after').length
      const before = looks()
      await expect.poll(looks).toBeGreaterThan(before)
      down = false
      await filled(5)
    })

    test('and was restored as it was before, is brought up to date from there', async () => {
      const owner = await served()
      await stage.mongo!.cursors.begin(P, 2)
      await stage.send(commandOf('user.create', idIn(P), userPayload('boris')))
      await owner.feed()
      await filled(5)
    })
  })

  describe('without a MongoDB', () => {
    beforeEach(async () => {
      await stage.close()
      stage = await openStage(database.sql, null)
    })

    test('it is published, then refreshed, and then all of it is told at once', async () => {
      const owner = take()
      const steps = ['sql transaction', 'log.append events', 'cache.refresh', 'sql progress-move']
      expect(await stepsOf(owner)).toEqual(steps)
      await expect.poll(() => owner.told.at(-1)).toMatchObject({ decided: 4, served: 4 })
      await stage.audit([P])
    })

    test('an owner after one that had a MongoDB, and was behind with it, tells what was decided', async () => {
      await stage.send(...commands())
      await take().feed()
      await servedAll(4)
      await owners[0]!.leave()
      await stage.sql.query('UPDATE consumer_progress SET served = 2 WHERE partition = $1', [P])
      const next = take()
      await servedAll(4)
      await expect.poll(() => next.told.at(-1)).toMatchObject({ decided: 4, served: 4 })
    })
  })

  test('one append at a time, the next after its acknowledgement', async () => {
    const owner = take()
    await stage.send(...commands())
    await owner.feed()
    for (let n = 0; n < 20; n++) {
      await stage.send(commandOf('user.create', idIn(P), userPayload(`more${n}`)))
      await owner.feed()
    }
    await servedAll(24)
    const appends = owner.calls.filter((call) => call.startsWith('log.append'))
    expect(appends).toEqual(appends.map((_, index) => `log.append events ${index % 2 ? 'after' : 'before'}`))
  })

  const moments: [string, 'before' | 'after' | 'within', number][] = [
    ['sql transaction', 'before', 1],
    ['sql progress-advance', 'within', 1],
    ['sql save-outcomes', 'within', 1],
    ['sql transaction', 'after', 1],
    ['log.append events', 'before', 1],
    ['log.append events', 'after', 1],
    ['cache.refresh', 'before', 1],
    ['cache.refresh', 'after', 1],
    ['sql progress-move', 'before', 1],
    ['sql progress-move', 'after', 1],
    ['mongo.apply', 'before', 1],
    ['mongo.apply', 'after', 1],
    ['mongo.cursors.begin', 'before', 1],
    ['mongo.cursors.begin', 'after', 1],
    ['mongo.cursors.move', 'before', 1],
    ['mongo.cursors.move', 'after', 1],
    ['cache.refresh', 'before', 2],
    ['cache.refresh', 'after', 2],
    ['sql progress-move', 'before', 2],
    ['sql progress-move', 'after', 2],
  ]
  const once = (call: string, when: string, nth: number, what: ReturnType<Hazard>): Hazard => {
    let seen = 0
    return (called, moment) => (called === call && moment === when && ++seen === nth ? what : undefined)
  }

  test.each(moments)('an owner that dies at %s, %s (%i), leaves the next one what it needs', async (...moment) => {
    const former = take(once(...moment, 'die'))
    await stage.send(...commands())
    former.feed().catch(() => undefined)
    await expect.poll(() => former.process.dead, { timeout: 15_000 }).toBe(true)
    const next = take()
    await next.feed()
    await servedAll(4)
    await stage.audit([P])
  })

  test.each(moments.filter(([, when]) => when !== 'within'))(
    'an owner that sleeps at %s, %s (%i), and wakes when another has taken over, commits nothing and tells nothing',
    async (...moment) => {
      const former = take(once(...moment, 'sleep'))
      await stage.send(...commands())
      former.feed().catch(() => undefined)
      await expect.poll(() => former.process.asleep, { timeout: 15_000 }).toBe(true)
      const next = take()
      await next.feed()
      await servedAll(4)
      const [after, told] = [await row(), former.told.length]
      former.process.wake()
      await stage.send(commandOf('user.create', idIn(P), userPayload('boris')))
      former.feed().catch(() => undefined)
      await expect.poll(() => former.process.said.join(), { timeout: 15_000 }).toContain('another process has taken')
      // What it had told Postgres before it slept, it may say.
      for (const { decided, served } of former.told.slice(told)) {
        expect(decided).toBeLessThanOrEqual(after.decided)
        expect(served).toBeLessThanOrEqual(after.served)
      }
      expect(await row()).toEqual(after)
      await next.feed()
      await servedAll(5)
      await stage.audit([P])
    },
  )

  test.each(moments)('a failure at %s, %s (%i), costs nothing but a second try', async (...moment) => {
    const owner = take(once(...moment, 'fail'))
    await stage.send(...commands())
    await owner.feed()
    await servedAll(4)
    expect(owner.process.fault).toBeUndefined()
    await expect.poll(() => owner.told.at(-1)).toMatchObject({ decided: 4, served: 4 })
    await stage.audit([P])
  })

  test('while events cannot be written nothing is told, and deciding is one batch ahead', async () => {
    let down = true
    const owner = take((call) => (down && call.startsWith('log.append') ? 'fail' : undefined))
    const nobody = () => commandOf('user.remove', idIn(P), {})
    for (let n = 0; n < 4; n++) await stage.send(...Array.from({ length: 500 }, nobody))
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
    await stage.audit([P])
  }, 40_000)

  test('a large batch is appended in parts, and of those only the one that failed again', async () => {
    const owner = take(once('log.append events', 'before', 2, 'fail'))
    await stage.send(...Array.from({ length: 500 }, () => commandOf('user.remove', idIn(P), {})))
    await owner.feed()
    await servedAll(500)
    expect(stage.appended.map(({ offset }) => offset)).toEqual(Array.from({ length: 500 }, (_, n) => n))
    expect(owner.calls.filter((call) => call === 'log.append events before')).toHaveLength(3)
  })

  test('while MongoDB is down users and projects go on, tasks and documents are told when it is back', async () => {
    let down = true
    const owner = take((call) => (down && call.startsWith('mongo') ? 'fail' : undefined))
    await stage.send(...commands())
    await owner.feed()
    await expect.poll(row).toMatchObject({ decided: 4, served: 0 })
    await stage.send(commandOf('user.create', idIn(P), userPayload('boris')))
    await owner.feed()
    await expect.poll(row).toMatchObject({ decided: 5, served: 0 })
    down = false
    await servedAll(5)
    await stage.audit([P])
  })

  test('a stage that is far behind reads from Postgres what was not kept for it', async () => {
    let down = true
    const owner = take((call) => (down && call === 'mongo.apply' ? 'fail' : undefined))
    await stage.send(...commands())
    await owner.feed()
    for (let n = 0; n < 40; n++) {
      await stage.send(commandOf('user.create', idIn(P), userPayload(`more${n}`)))
      await owner.feed()
    }
    await expect.poll(row).toMatchObject({ decided: 44, served: 0 })
    down = false
    await servedAll(44)
    await stage.audit([P])
  })

  describe('the cache', () => {
    const raises = (owner: Owner) => owner.calls.filter((call) => /^sql progress-(raise|shut) before$/.test(call))

    test('a refresh without an answer counts as an outage, even if a second one succeeds', async () => {
      const owner = take(once('cache.refresh', 'after', 1, 'fail'))
      await stage.send(...commands())
      await owner.feed()
      await servedAll(4)
      expect(raises(owner)[0]).toBe('sql progress-shut before')
      const shut = owner.calls.indexOf('sql progress-shut after')
      expect(owner.calls.indexOf('sql progress-move before')).toBeGreaterThan(shut)
    })

    test('while it is down the epoch is raised to odd once, and marks move without it; then it is opened and used', async () => {
      let down = true
      const owner = take((call) => (down && call.startsWith('cache') ? 'fail' : undefined))
      await stage.send(...commands())
      await owner.feed()
      await servedAll(4)
      for (let n = 0; n < 5; n++) {
        await stage.send(commandOf('user.create', idIn(P), userPayload(`more${n}`)))
        await owner.feed()
        await expect.poll(row).toMatchObject({ decided: 5 + n, served: 5 + n })
      }
      expect(raises(owner)).toEqual(['sql progress-shut before'])
      expect((await row()).epoch % 2).toBe(1)
      expect(owner.calls.filter((call) => call === 'cache.refresh before')).toHaveLength(1)
      down = false
      await expect.poll(async () => (await row()).epoch % 2).toBe(0)
      await stage.send(commandOf('user.create', idIn(P), userPayload('later')))
      await owner.feed()
      await servedAll(10)
      expect(owner.calls.filter((call) => call === 'cache.refresh before')).toHaveLength(2)
    })

    test('a new owner brings MongoDB up to date, then raises again, and only then tells what is served', async () => {
      const former = take(once('mongo.apply', 'before', 1, 'die'))
      await stage.send(...commands())
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
      const decider = createDecider(stage.sql, entities, 1)
      const epochs = new Map<number, number>()
      for (const partition of [P, Q]) {
        epochs.set(partition, (await takeOver(stage.sql, partition, Date.now())).epoch)
      }
      for (const command of commands) {
        const [position] = await stage.send(command)
        const { partition, offset } = position!
        await decider.decide(partition, epochs.get(partition)!, await stage.read(partition, offset, 1))
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
      await expect.poll(() => readProgress(stage.sql, Q)).toMatchObject({ served: 2 } satisfies Partial<ProgressRow>)
      expect(stage.appended.map(({ entity, offset }) => [entity, offset])).toEqual([
        [a, 0],
        [b, 0],
        [a, 1],
        [b, 1],
        [c, 2],
      ])
      await stage.audit([P, Q])
      expect([first.process.fault, second.process.fault]).toEqual([undefined, undefined])
    })
  })
})
