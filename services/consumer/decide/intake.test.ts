import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Command } from '../../../platform/commands/command.ts'
import { newId } from '../../../platform/ids.ts'
import type { LogRecord } from '../../../platform/log/port.ts'
import { type Queryable, type Sql, SqlError } from '../../../platform/sql/port.ts'
import { entities } from '../entities.ts'
import { commandOf, emptied, recordsOf, testDatabase, userPayload } from '../fixture.testing.ts'
import { LogMismatch } from '../ownership/log-mismatch.ts'
import { Fenced, own } from '../ownership/ownership.ts'
import { readProgress } from '../ownership/progress.ts'
import { hurriedClock } from '../testing/process.testing.ts'
import { type Batch, createDecider } from './decide.ts'
import { createIntake, type Intake } from './intake.ts'
import { NewerSchema } from './items.ts'

const P = 3

describe('intake', () => {
  let database: { sql: Sql; drop(): Promise<void> }
  let sql: Sql
  let intake: Intake
  let batches: Batch[]
  let committed: number[]
  let retries: unknown[]
  /** What happens to the next transactions. */
  let faults: ('lost' | 'refused' | Error | undefined)[]
  /** What the comparison with `events` says. */
  let told: (next: number) => Promise<void>
  const stop = { signal: new AbortController().signal }

  const faulty = (): Sql => ({
    ...sql,
    async transaction(work) {
      const fault = faults.shift()
      if (fault === 'refused') throw new SqlError('no connection', '08006')
      if (fault instanceof Error) {
        return sql.transaction(async (tx) => {
          await work(tx)
          throw fault
        })
      }
      const result = await sql.transaction(work)
      if (fault === 'lost') throw new SqlError('the answer to COMMIT was lost', '08007')
      return result
    },
  })

  beforeAll(async () => {
    database = await testDatabase()
    sql = database.sql
  })
  beforeEach(async () => {
    await emptied(sql)
    told = async () => {}
    faults = []
    await begin()
  })
  afterAll(() => database.drop())

  async function begin(on: Sql = faulty()): Promise<void> {
    batches = []
    committed = []
    retries = []
    const ownership = await own(P, { sql, clock: hurriedClock, settleMs: 0 })
    intake = createIntake({
      sql,
      clock: hurriedClock,
      decider: createDecider(on, entities, 1),
      ownership,
      checkTold: (next) => told(next),
      onRetry: (error) => retries.push(error),
      onBatch: (batch) => batches.push(batch),
      onCommitted: (end) => committed.push(end),
    })
  }

  let people = 0
  const create = (said: Partial<Command> = {}) => commandOf('user.create', newId(), userPayload(`u${people++}`), said)
  const take = (records: readonly LogRecord[]) => intake.take(records, stop.signal)
  const records = (first: number, ...commands: (Command | string)[]) => recordsOf(P, first, commands)
  const positions = async () =>
    (await sql.query<{ position: number }>('SELECT position FROM outcomes ORDER BY position')).map(
      (row) => row.position,
    )

  test('records are decided once, and the next offset is theirs', async () => {
    expect(await take(records(0, create(), create()))).toBe(2)
    expect(await take(records(2, create()))).toBe(3)
    expect(batches.map(({ first, last }) => [first, last])).toEqual([
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
      expect(batches).toHaveLength(2)
    })

    test('of another command than the one decided there stops: it is another log', async () => {
      await take(records(0, create(), create()))
      await begin()
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
      await sql.query('DELETE FROM outcomes')
      expect(await take(records(0, old))).toBe(2)
      await expect(take(records(1, young))).rejects.toThrow(LogMismatch)
    })
  })

  describe('a gap', () => {
    test('sends the log back to where it left off, after a look at what was told', async () => {
      const asked: number[] = []
      told = async (next) => void asked.push(next)
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
      told = async () => {
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

  test('a commit whose answer was lost is decided once and still published', async () => {
    faults = ['lost']
    expect(await take(records(0, create(), create()))).toBe(2)
    expect(await positions()).toEqual([0, 1])
    expect(committed.at(-1)).toBe(2)
    expect(batches).toEqual([])
  })

  test('of a batch cut in two the half whose answer was lost is decided once, the other half too', async () => {
    const poison = commandOf('user.create', newId(), userPayload('nul', { fullName: '\u0000' }))
    faults = [new SqlError('as if', '22P05'), 'lost'] // the whole refused, then the first half lost
    expect(await take(records(0, create(), create(), poison, create()))).toBe(4)
    expect(await positions()).toEqual([0, 1, 2, 3])
    expect(committed).toContain(2)
    expect(batches.flatMap(({ decided }) => decided).map(({ outcome }) => outcome.offset)).toEqual([2, 3])
  })

  test.each(['57014', '42P01', '25006', '25P03', '40P01', '53300'])(
    'SQLSTATE %s is transient: the partition is kept and tried again, nothing is set aside',
    async (code) => {
      faults = Array.from({ length: 4 }, () => new SqlError('for a while', code))
      expect(await take(records(0, create()))).toBe(1)
      expect(retries).toHaveLength(4)
      expect(await sql.query('SELECT 1 FROM dead_letters')).toEqual([])
      expect(await positions()).toEqual([0])
    },
  )

  test.each(['57014', '25P03', '08006', '53200'])(
    'after SQLSTATE %s less is tried at once, until it passes, and then more again',
    async (code) => {
      const tried: number[] = []
      let bearable = 5
      await begin({
        ...sql,
        transaction: (work) =>
          sql.transaction((tx) =>
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
      })
      expect(await take(records(0, ...Array.from({ length: 12 }, () => create())))).toBe(12)
      expect(tried.splice(0)).toEqual([12, 6, 3, 6, 3, 6, 3, 3])
      bearable = 100
      expect(await take(records(12, ...Array.from({ length: 30 }, () => create())))).toBe(42)
      expect(tried).toEqual([12, 18])
      expect(await positions()).toEqual(Array.from({ length: 42 }, (_, n) => n))
      expect(await sql.query('SELECT 1 FROM dead_letters')).toEqual([])
    },
  )

  test('whoever waits for a store that does not answer ends with the partition', async () => {
    faults = Array.from({ length: 1000 }, () => 'refused' as const)
    const lost = new AbortController()
    const taken = intake.take(records(0, create()), lost.signal)
    await expect.poll(() => retries.length).toBeGreaterThan(2)
    lost.abort()
    await expect(taken).rejects.toThrow()
    expect(await positions()).toEqual([])
  })

  test('a former owner stops: it neither commits nor tells', async () => {
    await take(records(0, create()))
    await own(P, { sql, clock: hurriedClock, settleMs: 0 })
    await expect(take(records(1, create()))).rejects.toThrow(Fenced)
    expect(await positions()).toEqual([0])
    expect(batches).toHaveLength(1)
  })

  test('a database that has lost what it had committed stops', async () => {
    await take(records(0, create(), create()))
    await sql.query('UPDATE consumer_progress SET next_offset = 1 WHERE partition = $1', [P])
    await expect(take(records(2, create()))).rejects.toThrow('it has lost what it had committed')
    expect(await positions()).toEqual([0, 1])
  })

  test('a command of a newer schema stops, behind those before it, and is not set aside', async () => {
    const newer = create({ schema: 99 })
    expect(await take(records(0, create(), newer, create()))).toBe(1)
    await expect(take(records(1, newer, create()))).rejects.toThrow(NewerSchema)
    await expect(take(records(1, newer))).rejects.toThrow('start a newer version of it')
    expect((await readProgress(sql, P)).next).toBe(1)
    expect(await sql.query('SELECT 1 FROM dead_letters')).toEqual([])
  })

  describe('ten dead letters in a row stop', () => {
    const rubbish = (count: number) => Array.from({ length: count }, () => 'rubbish')
    const poison = () => commandOf('user.create', newId(), userPayload('nul', { fullName: '\u0000' }))

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
          await emptied(sql)
          faults = answers
          await begin()
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
      await begin()
      expect(await take(records(10, ...rubbish(2)))).toBe(12)
    })
  })

  test('a lost answer to the look where the row stands is asked again', async () => {
    let failing = true
    const flaky: Queryable = {
      async query(text, params, name) {
        if (failing && name === 'progress-read') {
          failing = false
          throw new SqlError('gone', '08006')
        }
        return sql.query(text, params, name)
      },
    }
    const ownership = await own(P, { sql: { ...sql, ...flaky }, clock: hurriedClock, settleMs: 0 })
    faults = ['lost']
    intake = createIntake({
      sql,
      clock: hurriedClock,
      decider: createDecider(faulty(), entities, 1),
      ownership,
      checkTold: told,
      onRetry: () => {},
      onBatch: (batch) => batches.push(batch),
      onCommitted: (end) => committed.push(end),
    })
    expect(await take(records(0, create()))).toBe(1)
    expect(committed.at(-1)).toBe(1)
  })
})
