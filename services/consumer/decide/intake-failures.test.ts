import { describe, expect, test } from 'vitest'
import { type Sql, SqlError } from '../../../platform/sql/port.ts'
import { create, intakeBench, poison, records } from '../testing/intake.testing.ts'

describe('intake, where Postgres fails', () => {
  const bench = intakeBench()
  const { take, positions } = bench

  test('a commit whose answer was lost is decided once and still published', async () => {
    bench.faults = ['lost']
    expect(await take(records(0, create(), create()))).toBe(2)
    expect(await positions()).toEqual([0, 1])
    expect(bench.committed.at(-1)).toBe(2)
    expect(bench.batches).toEqual([])
  })

  test('of a batch cut in two the half whose answer was lost is decided once, the other half too', async () => {
    bench.faults = [new SqlError('as if', '22P05'), 'lost'] // the whole refused, then the first half lost
    expect(await take(records(0, create(), create(), poison(), create()))).toBe(4)
    expect(await positions()).toEqual([0, 1, 2, 3])
    expect(bench.committed).toContain(2)
    expect(bench.batches.flatMap(({ decided }) => decided).map(({ outcome }) => outcome.offset)).toEqual([2, 3])
  })

  test.each(['57014', '42P01', '25006', '25P03', '40P01', '53300'])(
    'SQLSTATE %s is transient: the partition is kept and tried again, nothing is set aside',
    async (code) => {
      bench.faults = Array.from({ length: 4 }, () => new SqlError('for a while', code))
      expect(await take(records(0, create()))).toBe(1)
      expect(bench.retries).toHaveLength(4)
      expect(await bench.sql.query('SELECT 1 FROM dead_letters')).toEqual([])
      expect(await positions()).toEqual([0])
    },
  )

  test.each(['57014', '25P03', '08006', '53200'])(
    'after SQLSTATE %s less is tried at once, until it passes, and then more again',
    async (code) => {
      const tried: number[] = []
      let bearable = 5
      const decidesOn: Sql = {
        ...bench.sql,
        transaction: (work) =>
          bench.sql.transaction((tx) =>
            work({
              async query(text, params, name) {
                if (name === 'save-outcomes') {
                  const offsets = params![2] as number[]
                  tried.push(offsets.length)
                  if (offsets.length > bearable) throw new SqlError('too much', code)
                }
                return tx.query(text, params, name)
              },
            }),
          ),
      }
      await bench.begin({ decidesOn })
      expect(await take(records(0, ...Array.from({ length: 12 }, () => create())))).toBe(12)
      expect(tried.splice(0)).toEqual([12, 6, 3, 6, 3, 6, 3, 3])
      bearable = 100
      expect(await take(records(12, ...Array.from({ length: 30 }, () => create())))).toBe(42)
      expect(tried).toEqual([12, 18])
      expect(await positions()).toEqual(Array.from({ length: 42 }, (_, n) => n))
      expect(await bench.sql.query('SELECT 1 FROM dead_letters')).toEqual([])
    },
  )

  test('whoever waits for a store that does not answer ends with the partition', async () => {
    bench.faults = Array.from({ length: 1000 }, () => 'refused' as const)
    const lost = new AbortController()
    const taken = bench.intake.take(records(0, create()), lost.signal)
    await expect.poll(() => bench.retries.length).toBeGreaterThan(2)
    lost.abort()
    await expect(taken).rejects.toThrow()
    expect(await positions()).toEqual([])
  })

  test('a lost answer to the look where the row stands is asked again', async () => {
    let failing = true
    const ownsOn: Sql = {
      ...bench.sql,
      async query(text, params, name) {
        if (failing && name === 'progress-read') {
          failing = false
          throw new SqlError('gone', '08006')
        }
        return bench.sql.query(text, params, name)
      },
    }
    await bench.begin({ ownsOn })
    bench.faults = ['lost']
    expect(await take(records(0, create()))).toBe(1)
    expect(failing).toBe(false)
    expect(bench.committed.at(-1)).toBe(1)
  })
})
