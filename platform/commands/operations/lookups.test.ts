import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { settled } from '../clock.testing.ts'
import { createLookups } from './lookups.ts'

describe('look-ups', () => {
  test('of one turn share a query, and what is asked twice is asked once', async () => {
    const { ask, queries } = open()
    const answers = Promise.all([ask('a'), ask('b'), ask('a')])
    await settled()
    expect(queries.map(({ keys }) => keys)).toEqual([['a', 'b']])
    queries[0]!.answer()
    expect(await answers).toEqual(['a as of 0', 'b as of 0', 'a as of 0'])
  })

  test('that find nothing are undefined', async () => {
    const { ask, queries } = open()
    const answer = ask('missing')
    await settled()
    queries[0]!.answer()
    expect(await answer).toBeUndefined()
  })

  test('that fail tell everyone of that query, and the next goes its way', async () => {
    const { ask, queries } = open()
    const first = Promise.allSettled([ask('a'), ask('b')])
    await settled()
    const second = ask('a')
    queries[0]!.fail(new Error('gone'))
    expect((await first).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    await settled()
    queries[1]!.answer()
    expect(await second).toBe('a as of 1')
  })

  test('beyond the room there is are refused', async () => {
    const { ask, queries } = open({ maxWaiting: 2 })
    const kept = Promise.all([ask('a'), ask('b'), ask('a')])
    await expect(ask('c')).rejects.toThrow('too many')
    await settled()
    queries[0]!.answer()
    await kept
    expect(queries).toHaveLength(1)
  })

  test('never run two at once, never ask for more than a query takes, and never answer from before the question', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.constantFrom('a', 'b', 'c', 'd', 'e'), fc.constant(null)), { maxLength: 60 }),
        async (steps) => {
          const { ask, queries, running } = open({ perQuery: 3 })
          let answers = 0
          let asked = 0
          const step = async (key: string | null) => {
            if (key === null) queries.at(-1)?.answer()
            else {
              asked++
              const sent = queries.length
              void ask(key).then((answer) => {
                answers++
                expect(Number(answer?.split(' ').at(-1))).toBeGreaterThanOrEqual(sent)
              })
            }
            await settled()
            expect(running()).toBeLessThanOrEqual(1)
          }
          for (const key of steps) await step(key)
          while (running() > 0) await step(null)
          expect(answers).toBe(asked)
          expect(queries.every(({ keys }) => keys.length <= 3 && new Set(keys).size === keys.length)).toBe(true)
        },
      ),
    )
  })
})

function open({ perQuery = 10, maxWaiting = 100 } = {}) {
  const queries: { keys: readonly string[]; open: boolean; answer(): void; fail(error: Error): void }[] = []
  const ask = createLookups<string, string>({
    nameOf: (key) => key,
    perQuery,
    maxWaiting,
    refusal: () => new Error('too many'),
    load: (keys) =>
      new Promise((resolve, reject) => {
        const number = queries.length
        const query = {
          keys,
          open: true,
          answer() {
            query.open = false
            const found = keys.filter((key) => key !== 'missing')
            resolve(new Map(found.map((key) => [key, `${key} as of ${number}`])))
          },
          fail(error: Error) {
            query.open = false
            reject(error)
          },
        }
        queries.push(query)
      }),
  })
  return { ask, queries, running: () => queries.filter((query) => query.open).length }
}
