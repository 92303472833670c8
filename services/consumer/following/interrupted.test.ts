import { expect, test } from 'vitest'
import { commands, once, oneMore, openFollowing, P } from './following.testing.ts'

// An owner of a partition is interrupted at each of its calls, in three ways.

const bench = openFollowing()
const { take, row, servedAll } = bench

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

test.each(moments)('an owner that dies at %s, %s (%i), leaves the next one what it needs', async (...moment) => {
  const former = take(once(...moment, 'die'))
  await bench.stage.send(...commands())
  former.feed().catch(() => undefined)
  await expect.poll(() => former.process.dead, { timeout: 15_000 }).toBe(true)
  const next = take()
  await next.feed()
  await servedAll(4)
  await bench.stage.audit([P])
})

test.each(moments.filter(([, when]) => when !== 'within'))(
  'an owner that sleeps at %s, %s (%i), and wakes when another has taken over, commits nothing and tells nothing',
  async (...moment) => {
    const former = take(once(...moment, 'sleep'))
    await bench.stage.send(...commands())
    former.feed().catch(() => undefined)
    await expect.poll(() => former.process.asleep, { timeout: 15_000 }).toBe(true)
    const next = take()
    await next.feed()
    await servedAll(4)
    const [after, told] = [await row(), former.told.length]
    await bench.stage.send(oneMore('boris'))
    former.process.wake()
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
    await bench.stage.audit([P])
  },
)

test.each(moments)('a failure at %s, %s (%i), costs nothing but a second try', async (...moment) => {
  const owner = take(once(...moment, 'fail'))
  await bench.stage.send(...commands())
  await owner.feed()
  await servedAll(4)
  expect(owner.process.fault).toBeUndefined()
  await expect.poll(() => owner.told.at(-1)).toMatchObject({ decided: 4, served: 4 })
  await bench.stage.audit([P])
})
