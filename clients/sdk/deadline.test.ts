import { expect, test } from 'vitest'
import { createSimulatedClock } from '../../platform/commands/clock.testing.ts'
import { Over, startDeadline } from './deadline.ts'

const never = new Promise<never>(() => undefined)

test('time runs out for whatever waits in it', async () => {
  const clock = createSimulatedClock()
  const deadline = startDeadline(100, undefined, clock)
  const ended = expect(Promise.allSettled([deadline.race(never), deadline.sleep(500)])).resolves.toMatchObject([
    { status: 'rejected', reason: expect.any(Over) },
    { status: 'rejected', reason: expect.any(Over) },
  ])
  await clock.pass(99)
  expect([deadline.over, deadline.remaining()]).toEqual([undefined, 1])
  await clock.pass(1)
  await ended
  expect([deadline.over, deadline.remaining(), deadline.signal.aborted]).toEqual(['timeout', 0, true])
  await expect(deadline.race(Promise.resolve(1))).rejects.toThrow(Over)
})

test('the signal of a caller ends it too, before it begins or later, with its reason', async () => {
  const clock = createSimulatedClock()
  const controller = new AbortController()
  const deadline = startDeadline(100, controller.signal, clock)
  const raced = deadline.race(never)
  controller.abort('enough')
  await expect(raced).rejects.toThrow(Over)
  expect([deadline.over, deadline.signal.reason]).toEqual(['aborted', 'enough'])
  expect(startDeadline(100, controller.signal, clock).over).toBe('aborted')
})

test('what is done in time is done', async () => {
  const deadline = startDeadline(100, undefined, createSimulatedClock())
  expect(await deadline.race(Promise.resolve('done'))).toBe('done')
  await expect(deadline.race(Promise.reject(new Error('own fault')))).rejects.toThrow('own fault')
  expect(deadline.over).toBeUndefined()
})

test('its end leaves no timer behind, and no hold on the caller', async () => {
  const clock = createSimulatedClock()
  const controller = new AbortController()
  const deadline = startDeadline(100, controller.signal, clock)
  expect(clock.sleepers).toBe(1)
  deadline.end()
  expect(clock.sleepers).toBe(0)
  controller.abort()
  await clock.pass(200)
  expect(deadline.over).toBeUndefined()
})

test('there may be no limit', () => {
  const clock = createSimulatedClock()
  expect(startDeadline(Number.POSITIVE_INFINITY, undefined, clock).remaining()).toBe(Number.POSITIVE_INFINITY)
  expect(clock.sleepers).toBe(0)
})
