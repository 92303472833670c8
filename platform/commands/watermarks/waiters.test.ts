import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { createSimulatedClock, settled } from '../clock.testing.ts'
import { createWaiters } from './waiters.ts'

describe('waiters', () => {
  test('are woken exactly when the last of their offsets is covered, or told that time is up', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const clock = createSimulatedClock()
        const waiters = createWaiters(clock, 1000)
        const marks = [0, 0, 0]
        const all: Waiting[] = []

        const expectTold = async () => {
          await settled()
          for (const { needs, until, left, told } of all) {
            const covered = [...needs].every(([partition, offset]) => marks[partition]! > offset)
            if (told() === undefined)
              expect({ covered, due: clock.monotonic() >= until, left: left() }).toEqual(stillWaiting)
            else if (told() === false) expect(left() || clock.monotonic() >= until).toBe(true)
            else expect(covered).toBe(true)
          }
        }

        for (const next of steps) {
          if ('advance' in next) {
            const from = marks[next.partition]!
            marks[next.partition] = from + next.advance
            waiters.advance(next.partition, from, from + next.advance)
          } else if ('pass' in next) await clock.pass(next.pass)
          else if ('leave' in next) all[next.leave % Math.max(1, all.length)]?.leave()
          else {
            const needs = new Map(next.ahead.map((ahead, partition) => [partition, marks[partition]! + ahead] as const))
            all.push(wait(waiters, needs, next.timeout, clock.monotonic()))
          }
          await expectTold()
        }

        expect(waiters.size).toBe(all.filter(({ told }) => told() === undefined).length)
        expect(clock.sleepers).toBe(waiters.size)
        await clock.pass(100)
        await expectTold()
        expect(all.every(({ told, forgotten }) => told() !== undefined && forgotten())).toBe(true)
        expect(waiters.size).toBe(0)
        expect(clock.sleepers).toBe(0)
      }),
    )
  })

  test('beyond the room there is are refused at once, and leaving makes room', async () => {
    const clock = createSimulatedClock()
    const waiters = createWaiters(clock, 2)
    const client = new AbortController()
    const first = waiters.wait(new Map([[0, 5]]), 1000, client.signal)
    const second = waiters.wait(new Map([[0, 5]]), 1000)
    expect(await waiters.wait(new Map([[0, 5]]), 1000)).toBe(false)
    client.abort()
    expect(await first).toBe(false)
    const third = waiters.wait(new Map([[0, 5]]), 1000)
    waiters.advance(0, 0, 6)
    expect(await Promise.all([second, third])).toEqual([true, true])
  })

  test('do not wait where there is no time, nobody who waits, or nothing open', async () => {
    const clock = createSimulatedClock()
    const waiters = createWaiters(clock, 10)
    const needs = new Map([[0, 5]])
    expect(await waiters.wait(needs, 0)).toBe(false)
    expect(await waiters.wait(needs, 1000, AbortSignal.abort())).toBe(false)
    const waiting = waiters.wait(needs, 1000)
    waiters.close()
    expect(await waiting).toBe(false)
    expect(await waiters.wait(needs, 1000)).toBe(false)
    expect(clock.sleepers).toBe(0)
  })

  test('far ahead do not make a step cost what it does not cover', async () => {
    const waiters = createWaiters(createSimulatedClock(), 10)
    const far = waiters.wait(new Map([[0, Number.MAX_SAFE_INTEGER - 1]]), 1000)
    waiters.advance(0, 0, Number.MAX_SAFE_INTEGER)
    expect(await far).toBe(true)
  })
})

const stillWaiting = { covered: false, due: false, left: false }

const step = fc.oneof(
  fc.record({ ahead: fc.array(fc.nat(6), { minLength: 1, maxLength: 3 }), timeout: fc.integer({ min: 1, max: 50 }) }),
  fc.record({ partition: fc.nat(2), advance: fc.integer({ min: 1, max: 10 }) }),
  fc.record({ pass: fc.nat(20) }),
  fc.record({ leave: fc.nat(50) }),
)

type Waiting = ReturnType<typeof wait>

function wait(
  waiters: ReturnType<typeof createWaiters>,
  needs: ReadonlyMap<number, number>,
  timeout: number,
  now: number,
) {
  const client = new AbortController()
  const added = vi.spyOn(client.signal, 'addEventListener')
  const removed = vi.spyOn(client.signal, 'removeEventListener')
  let result: boolean | undefined
  void waiters.wait(needs, timeout, client.signal).then((reached) => {
    result = reached
  })
  return {
    needs,
    until: now + timeout,
    told: () => result,
    left: () => client.signal.aborted,
    leave: () => client.abort(),
    forgotten: () => added.mock.calls.length === removed.mock.calls.length,
  }
}
