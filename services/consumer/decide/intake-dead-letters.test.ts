import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Command } from '../../../platform/commands/command.ts'
import { emptied } from '../fixture.testing.ts'
import { LogMismatch } from '../ownership/log-mismatch.ts'
import { create, intakeBench, P, poison, records } from '../testing/intake.testing.ts'

describe('ten dead letters in a row stop the intake', () => {
  const bench = intakeBench()
  const { take, positions } = bench
  const rubbish = (count: number) => Array.from({ length: count }, () => 'rubbish')

  test('in one batch, of which the rest stays undecided', async () => {
    await expect(take(records(0, create(), ...rubbish(30)))).rejects.toThrow('10 records in a row')
    expect(await positions()).toEqual(Array.from({ length: 11 }, (_, n) => n))
  })

  test('over several batches', async () => {
    for (let n = 0; n < 9; n++) await take(records(n, 'rubbish'))
    await expect(take(records(9, 'rubbish'))).rejects.toThrow('npm run dlq -- list')
  })

  test('where Postgres refuses them, too', async () => {
    await expect(take(records(0, ...Array.from({ length: 30 }, poison)))).rejects.toThrow(LogMismatch)
    expect(await positions()).toHaveLength(10)
  })

  test('not where something else was decided between them', async () => {
    expect(await take(records(0, ...rubbish(9), create(), ...rubbish(9), create()))).toBe(20)
  })

  test.each([1, 4, 9, 10, 11])('the same ten, in batches of %i, with a good one behind them', async (size) => {
    await expect(feed([...rubbish(10), create()], [size])).rejects.toThrow(`up to ${P}:9`)
    expect(await positions()).toHaveLength(10)
  })

  test('the same ones, however the records are cut into batches, and whatever answers are lost', async () => {
    const bad = fc.array(fc.constantFrom('rubbish', 'rubbish', 'poison'), { minLength: 7, maxLength: 12 })
    const all = fc.array(fc.tuple(bad, fc.constant('good')), { minLength: 1, maxLength: 3 })
    const cuts = fc.array(fc.integer({ min: 1, max: 14 }), { minLength: 1, maxLength: 4 })
    const lost = fc.array(fc.constantFrom(undefined, 'lost' as const), { maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(all, cuts, lost, async (given, cut, answers) => {
        const kinds = given.flat(2)
        const end = endOfRun(kinds)
        const commands = kinds.map((kind) => (kind === 'good' ? create() : kind === 'poison' ? poison() : kind))
        await emptied(bench.sql)
        bench.faults = answers
        await bench.begin()
        const feeding = feed(commands, cut)
        if (end > 0) await expect(feeding).rejects.toThrow('10 records in a row')
        else expect(await feeding).toBe(kinds.length)
        expect(await positions()).toHaveLength(end > 0 ? end : kinds.length)
      }),
      { numRuns: 15 },
    )
  }, 120_000)

  /** Behind the tenth bad one in a row; 0 where there is none. */
  function endOfRun(kinds: readonly string[]): number {
    const ten = (_: string, index: number) =>
      index >= 9 && kinds.slice(index - 9, index + 1).every((kind) => kind !== 'good')
    return kinds.findIndex(ten) + 1
  }

  async function feed(commands: readonly (Command | string)[], cut: readonly number[]): Promise<number> {
    let next = 0
    for (let n = 0; next < commands.length; n++) {
      const end = next + cut[n % cut.length]!
      next = await take(records(next, ...commands.slice(next, end)))
    }
    return next
  }

  test('until somebody starts again: then the next ones are taken', async () => {
    await expect(take(records(0, ...rubbish(12)))).rejects.toThrow(LogMismatch)
    await bench.begin()
    expect(await take(records(10, ...rubbish(2)))).toBe(12)
  })
})
