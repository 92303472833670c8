import { describe, expect, test } from 'vitest'
import { LogMismatch } from '../ownership/log-mismatch.ts'
import { Fenced } from '../ownership/ownership.ts'
import { readProgress, takeOver } from '../ownership/progress.ts'
import { create, intakeBench, P, records } from '../testing/intake.testing.ts'
import { NewerSchema } from './items.ts'

describe('intake', () => {
  const bench = intakeBench()
  const { take, positions } = bench

  test('records are decided once, and the next offset is theirs', async () => {
    expect(await take(records(0, create(), create()))).toBe(2)
    expect(await take(records(2, create()))).toBe(3)
    expect(bench.batches.map(({ first, last }) => [first, last])).toEqual([
      [0, 1],
      [2, 2],
    ])
    expect(await positions()).toEqual([0, 1, 2])
  })

  describe('a replay', () => {
    test('is dropped, its known beginning at least', async () => {
      const [a, b, c] = [create(), create(), create()]
      await take(records(0, a, b))
      expect(await take(records(0, a, b))).toBe(2)
      expect(await take(records(1, b, c))).toBe(3)
      expect(await positions()).toEqual([0, 1, 2])
      expect(bench.batches).toHaveLength(2)
    })

    test('of another command than the one decided there stops: it is another log', async () => {
      await take(records(0, create(), create()))
      await bench.begin()
      await expect(take(records(1, create(), create()))).rejects.toThrow(LogMismatch)
      await expect(take(records(1, create()))).rejects.toThrow('belongs to another log')
      expect(await positions()).toEqual([0, 1])
    })

    test('of a record that was set aside as unreadable is dropped', async () => {
      await take(records(0, 'rubbish', create()))
      expect(await take(records(0, 'rubbish'))).toBe(2)
    })

    test('of a command that nobody decided stops, unless it is older than outcomes are kept', async () => {
      const old = create({ at: new Date(Date.now() - 8 * 86_400_000).toISOString() })
      const young = create({ at: new Date().toISOString() })
      await take(records(0, old, young))
      await bench.sql.query('DELETE FROM outcomes')
      expect(await take(records(0, old))).toBe(2)
      await expect(take(records(1, young))).rejects.toThrow(LogMismatch)
    })
  })

  describe('a gap', () => {
    test('sends the log back to where it left off, after a look at what was told', async () => {
      const asked: number[] = []
      bench.told = async (next) => void asked.push(next)
      await take(records(0, create()))
      expect(await take(records(3, create()))).toBe(1)
      expect(asked).toEqual([1])
      expect(await take(records(1, create(), create(), create()))).toBe(4)
      expect(await take(records(9, create()))).toBe(4)
      expect(await positions()).toEqual([0, 1, 2, 3])
    })

    test('that the log cannot fill stops with a sentence', async () => {
      expect(await take(records(3, create()))).toBe(0)
      await expect(take(records(3, create()))).rejects.toThrow('records were deleted')
      expect(await positions()).toEqual([])
    })

    test('that Postgres is the cause of stops: deciding again would contradict what was told', async () => {
      bench.told = async () => {
        throw new LogMismatch('an older copy')
      }
      await expect(take(records(3, create()))).rejects.toThrow('an older copy')
    })

    test('in the midst of a batch stops', async () => {
      const [first] = records(0, create())
      const [third] = records(2, create())
      await expect(take([first!, third!])).rejects.toThrow('has a hole behind 0')
      expect(await positions()).toEqual([])
    })
  })

  test('a former owner stops: it neither commits nor tells', async () => {
    await take(records(0, create()))
    await takeOver(bench.sql, P, Date.now())
    await expect(take(records(1, create()))).rejects.toThrow(Fenced)
    expect(await positions()).toEqual([0])
    expect(bench.batches).toHaveLength(1)
  })

  test('a database that has lost what it had committed stops', async () => {
    await take(records(0, create(), create()))
    await bench.sql.query('UPDATE consumer_progress SET next_offset = 1 WHERE partition = $1', [P])
    await expect(take(records(2, create()))).rejects.toThrow('it has lost what it had committed')
    expect(await positions()).toEqual([0, 1])
  })

  test('a command of a newer schema stops, behind those before it, and is not set aside', async () => {
    const newer = create({ schema: 99 })
    expect(await take(records(0, create(), newer, create()))).toBe(1)
    await expect(take(records(1, newer, create()))).rejects.toThrow(NewerSchema)
    await expect(take(records(1, newer))).rejects.toThrow('start a newer version of it')
    expect((await readProgress(bench.sql, P)).next).toBe(1)
    expect(await bench.sql.query('SELECT 1 FROM dead_letters')).toEqual([])
  })
})
