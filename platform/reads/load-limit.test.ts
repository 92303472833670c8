import { expect, test } from 'vitest'
import { createSimulatedClock } from '../commands/clock.testing.ts'
import { standStill } from '../standstill.testing.ts'
import { createLoadLimit } from './load-limit.ts'
import { gate } from './reading.testing.ts'

const limits = { running: 2, queued: 3, deadlineMs: 5_000 }

function open() {
  const clock = createSimulatedClock()
  const limit = createLoadLimit(limits, clock)
  const ends: (() => void)[] = []
  const load = () =>
    limit.run(async () => {
      const ending = gate()
      const number = ends.push(ending.open)
      await ending.passed
      return number
    })
  return { clock, limit, load, ends }
}

test('as many run as may, and the rest go on in their order', async () => {
  const { load, ends } = open()
  const answers = [load(), load(), load(), load()]
  expect(ends).toHaveLength(2)
  ends[1]!()
  expect(await answers[1]).toBe(2)
  await expect.poll(() => ends.length).toBe(3)
  ends[0]!()
  await expect.poll(() => ends.length).toBe(4)
  for (const end of ends) end()
  expect(await Promise.all(answers)).toEqual([1, 2, 3, 4])
})

test('beyond the queue a load is refused at once', async () => {
  const { load, ends } = open()
  const answers = [load(), load(), load(), load(), load()]
  await expect(load()).rejects.toMatchObject({ code: 'service.overloaded', retryAfter: 1 })
  while (ends.length < 5) {
    for (const end of ends) end()
    await null
  }
  ends[4]!()
  expect(await Promise.all(answers)).toHaveLength(5)
})

test('whoever finds no place in time is refused, and leaves the queue', async () => {
  const { clock, load, ends } = open()
  const late = [load().catch(() => 'late'), load().catch(() => 'late')]
  const refused = load().catch((error: unknown) => error)
  await clock.pass(limits.deadlineMs)
  expect(await refused).toMatchObject({ code: 'service.overloaded', retryAfter: 1 })
  for (const end of ends) end()
  expect(await Promise.all(late)).toEqual(['late', 'late'])
  expect(ends).toHaveLength(2)
})

test('a load that does not end in time is given up, but keeps its place until it ends', async () => {
  const { clock, load, ends } = open()
  const answers = [load(), load()].map((answer) => answer.catch((error: unknown) => error))
  await clock.pass(limits.deadlineMs)
  for (const answer of await Promise.all(answers)) {
    expect(answer).toMatchObject({ code: 'store.unavailable', retryAfter: 1 })
  }
  const next = load()
  expect(ends).toHaveLength(2)
  ends[0]!()
  await expect.poll(() => ends.length).toBe(3)
  ends[2]!()
  expect(await next).toBe(3)
})

test('a standstill of this process is not held against the store', async () => {
  const limit = createLoadLimit({ ...limits, deadlineMs: 20 })
  const answer = limit.run(() => new Promise((resolve) => setTimeout(resolve, 30, 'late')))
  standStill(60)
  expect(await answer).toBe('late')
})

test('an error is the caller’s, frees the place and leaves no clock running', async () => {
  const { clock, limit } = open()
  const down = () => Promise.reject(new Error('down'))
  for (let time = 0; time < 5; time++) await expect(limit.run(down)).rejects.toThrow('down')
  expect(await limit.run(async () => 'up')).toBe('up')
  await expect.poll(() => clock.sleepers).toBe(0)
})
