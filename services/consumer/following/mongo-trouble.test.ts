import { describe, expect, test } from 'vitest'
import { commands, type Owner, once, oneMore, openFollowing, P } from './following.testing.ts'

// MongoDB is a copy: it may be away, or lose what it had, and nothing that was told is lost with it.

const bench = openFollowing()
const { take, row, servedAll } = bench

test('while MongoDB is down users and projects go on, tasks and documents are told when it is back', async () => {
  let down = true
  const owner = take((call) => (down && call.startsWith('mongo') ? 'fail' : undefined))
  await bench.stage.send(...commands())
  await owner.feed()
  await expect.poll(row).toMatchObject({ decided: 4, served: 0 })
  await bench.stage.send(oneMore('boris'))
  await owner.feed()
  await expect.poll(row).toMatchObject({ decided: 5, served: 0 })
  down = false
  await servedAll(5)
  await bench.stage.audit([P])
})

test('a stage that is far behind reads from Postgres what was not kept for it', async () => {
  let down = true
  const owner = take((call) => (down && call === 'mongo.apply' ? 'fail' : undefined))
  await bench.stage.send(...commands())
  await owner.feed()
  for (let n = 0; n < 40; n++) {
    await bench.stage.send(oneMore(`more${n}`))
    await owner.feed()
  }
  await expect.poll(row).toMatchObject({ decided: 44, served: 0 })
  down = false
  await servedAll(44)
  await bench.stage.audit([P])
})

describe('a MongoDB that has lost what it had', () => {
  async function served(): Promise<Owner> {
    const owner = take()
    await bench.stage.send(...commands())
    await owner.feed()
    await servedAll(4)
    bench.stage.mongo!.lose()
    return owner
  }
  const filled = async (end: number) => {
    await expect.poll(() => bench.stage.mongo!.served.get(P), { timeout: 15_000 }).toBe(end)
    await servedAll(end)
    await bench.stage.audit([P])
  }

  test('is filled again when the next change comes, under a new epoch', async () => {
    const owner = await served()
    const { epoch } = await row()
    await bench.stage.send(oneMore('boris'))
    await owner.feed()
    await filled(5)
    expect((await row()).epoch).toBeGreaterThan(epoch)
  })

  test('is filled after a new epoch, so that nothing counts that was cached of what was left of it', async () => {
    const owner = await served()
    const before = owner.calls.length
    await filled(4)
    const steps = () =>
      owner.calls.slice(before).flatMap((call) => /^(sql progress-raise|mongo\.apply) after$/.exec(call)?.[1] ?? [])
    await expect.poll(() => steps().at(-1)).toBe('sql progress-raise')
    expect(new Set(steps().slice(1, -1))).toEqual(new Set(['mongo.apply']))
    expect(steps()[0]).toBe('sql progress-raise')
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
    await bench.stage.send(...commands())
    await owner.feed()
    await servedAll(4)
    down = true
    await bench.stage.send(oneMore('boris'))
    await owner.feed()
    await expect.poll(() => moves).toBeGreaterThan(1) // `decided` is moved, `served` is not
    bench.stage.mongo!.lose()
    const looks = () => owner.calls.filter((call) => call === 'mongo.cursors.of after').length
    const before = looks()
    await expect.poll(looks).toBeGreaterThan(before)
    down = false
    await filled(5)
  })

  test('and was restored as it was before, is brought up to date from there', async () => {
    const owner = await served()
    await bench.stage.mongo!.cursors.begin(P, 2)
    await bench.stage.send(oneMore('boris'))
    await owner.feed()
    await filled(5)
  })
})

test.each(['before', 'after'])(
  'a MongoDB that followed another database is filled, be it by the next owner where one dies %s its cursor is forgotten',
  async (when) => {
    await bench.stage.mongo!.cursors.begin(P, 99)
    const former = take(once('mongo.cursors.forget', when, 1, 'die'))
    await expect.poll(() => former.process.dead).toBe(true)
    await bench.stage.send(...commands())
    await take().feed()
    await servedAll(4)
    expect(bench.stage.mongo!.served.get(P)).toBe(4)
    await bench.stage.audit([P])
  },
)

test('a former owner that wakes and finds its successor’s cursor leaves it alone', async () => {
  const former = take(once('mongo.cursors.of', 'before', 1, 'sleep'))
  await expect.poll(() => former.process.asleep).toBe(true)
  await bench.stage.send(...commands())
  await take().feed()
  await servedAll(4)
  former.process.wake()
  await expect.poll(() => former.process.said.join()).toContain('another process has taken')
  expect(former.calls).not.toContain('mongo.cursors.forget before')
  expect(bench.stage.mongo!.served.get(P)).toBe(4)
})
