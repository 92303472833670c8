import { describe, expect, test } from 'vitest'
import { createSimulatedClock, settled } from '../clock.testing.ts'
import type { Outcome, Position } from '../command.ts'
import { createWaiters } from '../watermarks/waiters.ts'
import type { Mark } from '../watermarks/watermarks.ts'
import { createSettle } from './settlement.ts'

const own: Position = { partition: 0, offset: 7 }
const first: Position = { partition: 1, offset: 3 }
const made = { partition: 0, offset: 7, type: 'leaf.create', entity: 'x', events: [{ id: 'x' }] } as Outcome
const refused = { ...made, events: [], rejection: { code: 'x.no' } } as Outcome
const repeats = { ...made, events: [], repeats: first } as Outcome
const pending = { state: 'pending' }

describe('what can be told', () => {
  test.each<[string, Outcome | undefined, Record<Mark, number>, object]>([
    ['nothing before it is decided', made, { decided: 7, served: 7 }, pending],
    ['no rejection before it is decided', refused, { decided: 7, served: 7 }, pending],
    ['nothing while it is decided and not readable', made, { decided: 8, served: 7 }, pending],
    ['the outcome once it is readable', made, { decided: 8, served: 8 }, { state: 'told', outcome: made }],
    ['a rejection as soon as it is decided', refused, { decided: 8, served: 0 }, { state: 'told', outcome: refused }],
    ['that nothing is left of it', undefined, { decided: 8, served: 8 }, { state: 'gone' }],
  ])('is %s', async (_, outcome, marks, told) => {
    const { settle } = open({ own: marks }, { own: outcome })
    expect(await settle(own, 'served', 0)).toEqual(told)
  })

  test.each<[string, Outcome | undefined, Record<Mark, number>, object]>([
    ['nothing before the first is decided', made, { decided: 3, served: 3 }, pending],
    ['no rejection before the first is decided', refused, { decided: 3, served: 3 }, pending],
    ['nothing while the first is not readable', made, { decided: 4, served: 3 }, pending],
    ['the first outcome once it is readable', made, { decided: 4, served: 4 }, { state: 'told', outcome: made }],
    [
      'the first rejection as soon as it is decided',
      refused,
      { decided: 4, served: 0 },
      { state: 'told', outcome: refused },
    ],
    ['that nothing is left of the first', undefined, { decided: 4, served: 4 }, { state: 'gone' }],
  ])('of a repeat is %s', async (_, outcome, marks, told) => {
    const { settle } = open({ own: { decided: 8, served: 8 }, first: marks }, { own: repeats, first: outcome })
    expect(await settle(own, 'served', 0)).toEqual(told)
  })

  test('of a repeat is nothing while the repeat itself is not readable', async () => {
    const { settle } = open(
      { own: { decided: 8, served: 7 }, first: { decided: 4, served: 4 } },
      { own: repeats, first: made },
    )
    expect(await settle(own, 'served', 0)).toEqual(pending)
  })

  test('is waited for in both partitions, within one time', async () => {
    const { settle, clock, advance } = open({}, { own: repeats, first: made })
    const inTime = settle(own, 'decided', 100)
    await clock.pass(60)
    advance(own.partition, 8)
    await clock.pass(30)
    advance(first.partition, 4)
    expect(await inTime).toEqual({ state: 'told', outcome: made })
  })

  test('is not waited for longer than that', async () => {
    const { settle, clock, advance } = open({}, { own: repeats, first: made })
    const late = settle(own, 'decided', 100)
    await clock.pass(60)
    advance(own.partition, 8)
    await clock.pass(40)
    expect(await late).toEqual(pending)
    expect(clock.sleepers).toBe(0)
  })

  test('is read although the wait is over, but not for ever', async () => {
    const { settle, clock, hang } = open({ own: { decided: 8, served: 8 } }, { own: made })
    hang()
    let told: unknown
    void settle(own, 'served', 10).then((state) => {
      told = state
    })
    await clock.pass(1900)
    expect(told).toBeUndefined()
    await clock.pass(100)
    expect(told).toEqual(pending)
    expect(clock.sleepers).toBe(0)
  })

  test('is left alone when the client has gone, before or while it is read', async () => {
    const { settle, clock, hang } = open({ own: { decided: 8, served: 8 } }, { own: made })
    hang()
    expect(await settle(own, 'served', 1000, AbortSignal.abort())).toEqual(pending)
    const client = new AbortController()
    const reading = settle(own, 'served', 1000, client.signal)
    await settled()
    client.abort()
    expect(await reading).toEqual(pending)
    expect(clock.sleepers).toBe(0)
  })
})

function open(
  marks: { own?: Record<Mark, number>; first?: Record<Mark, number> },
  rows: { own?: Outcome | undefined; first?: Outcome | undefined },
) {
  const clock = createSimulatedClock()
  const waiters = createWaiters(clock, 10)
  const at = [marks.own, marks.first].map((given) => given ?? { decided: 0, served: 0 })
  let hanging = false
  const settle = createSettle(
    {
      at: (partition, mark) => at[partition]![mark],
      reach: async (positions, mark, timeoutMs, signal) => {
        const needs = [...positions].filter(({ partition, offset }) => at[partition]![mark] <= offset)
        if (needs.length === 0) return true
        return waiters.wait(new Map(needs.map(({ partition, offset }) => [partition, offset])), timeoutMs, signal)
      },
      epochs: () => null,
    },
    {
      at({ partition }) {
        const outcome = partition === own.partition ? rows.own : rows.first
        if (hanging) return new Promise(() => {})
        return Promise.resolve(outcome && { outcome, version: 1, first: true })
      },
      of: () => Promise.resolve(undefined),
    },
    clock,
  )
  return {
    settle,
    clock,
    hang() {
      hanging = true
    },
    advance(partition: number, to: number) {
      const from = at[partition]!.decided
      at[partition] = { decided: to, served: to }
      waiters.advance(partition, from, to)
    },
  }
}
