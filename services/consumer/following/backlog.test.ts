import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Outcome } from '../../../platform/commands/command.ts'
import { newId } from '../../../platform/ids.ts'
import { PARTITIONS } from '../../../platform/log/port.ts'
import type { Sql } from '../../../platform/sql/port.ts'
import type { Batch } from '../decide/decide.ts'
import { type Decided, OUTCOME_BYTES } from '../decide/fold.ts'
import { saveOutcomes } from '../decide/save.ts'
import { emptied, testDatabase } from '../fixture.testing.ts'
import { createBacklog, OutcomeMissing } from './backlog.ts'

const P = 4
const never = new AbortController().signal
const nothing = new Array<number>(PARTITIONS).fill(0)

describe('backlog', () => {
  let database: { sql: Sql; drop(): Promise<void> }
  let sql: Sql

  beforeAll(async () => {
    database = await testDatabase()
    sql = database.sql
  })
  beforeEach(() => emptied(sql))
  afterAll(() => database.drop())

  const decided = (offset: number, request = ''): Decided => ({
    outcome: {
      ...{ v: 1, incarnation: 1, partition: P, offset, command: newId(), type: 'user.create', entity: newId() },
      ...{ actor: null, hash: '', at: '', request, events: [] },
    } as Outcome,
    version: 1,
    first: true,
  })
  const batch = (first: number, count: number, after = nothing, request = ''): Batch => ({
    ...{ partition: P, first, last: first + count - 1, after, size: 1 },
    decided: Array.from({ length: count }, (_, n) => decided(first + n, request)),
  })
  const save = async (...batches: Batch[]) => {
    for (const one of batches) await saveOutcomes(sql, P, one.decided, one.after)
  }
  const ranges = (batches: readonly (Batch | null)[]) => batches.map((one) => one && [one.first, one.last])

  test('gives what is pushed, in order, each once', async () => {
    const backlog = createBacklog(sql, P, 0)
    const pushed = [batch(0, 2), batch(2, 1), batch(3, 5)]
    for (const one of pushed) backlog.push(one)
    expect(backlog.behind).toBe(8)
    for (const one of pushed) expect(await backlog.next(never)).toBe(one)
    expect(backlog.behind).toBe(0)
  })

  test('waits for what comes, and ends with its signal', async () => {
    const backlog = createBacklog(sql, P, 0)
    const next = backlog.next(never)
    const one = batch(0, 1)
    backlog.push(one)
    expect(await next).toBe(one)
    const stop = new AbortController()
    const waiting = backlog.next(stop.signal)
    stop.abort()
    expect(await waiting).toBe(null)
    expect(await backlog.next(stop.signal)).toBe(null)
  })

  test('tells when all of it is in hand', async () => {
    const backlog = createBacklog(sql, P, 0)
    await backlog.taken(never)
    for (const one of [batch(0, 2), batch(2, 1)]) backlog.push(one)
    const done = vi.fn()
    const taken = backlog.taken(never).then(done)
    await backlog.next(never)
    await Promise.resolve()
    expect(done).not.toHaveBeenCalled()
    await backlog.next(never)
    await taken
    const stop = new AbortController()
    backlog.push(batch(3, 1))
    const waiting = backlog.taken(stop.signal)
    stop.abort()
    await waiting
  })

  test('reads what was committed before it, or was not at hand, from Postgres', async () => {
    const [a, b, c] = [batch(0, 3), batch(3, 2), batch(5, 1)]
    await save(a, b, c)
    const backlog = createBacklog(sql, P, 1)
    backlog.committed(5)
    const first = await backlog.next(never)
    const both = { ...a, first: 1, last: 4, decided: [...a.decided.slice(1), ...b.decided] }
    expect(first).toEqual({ ...both, size: expect.any(Number) })
    expect(first!.size).toBeGreaterThan(JSON.stringify(both.decided.map(({ outcome }) => outcome)).length - 10)
    backlog.push(c)
    expect(await backlog.next(never)).toBe(c)
  })

  test('keeps few in memory and loses none, however far behind its stage is', async () => {
    const all = Array.from({ length: 100 }, (_, n) => batch(n * 2, 2, nothing.with(0, n)))
    await save(...all)
    const backlog = createBacklog(sql, P, 0)
    for (const one of all) backlog.push(one)
    const given: Batch[] = []
    while (backlog.behind > 0) given.push((await backlog.next(never))!)
    expect(ranges(given)).toEqual(ranges(all))
    expect(given).toEqual(all.map((one) => ({ ...one, size: expect.any(Number) })))
    expect(given.filter((one) => all.includes(one)).length).toBeLessThanOrEqual(16)
  })

  test('keeps little in memory, be it of few', async () => {
    const all = Array.from({ length: 8 }, (_, n) => ({ ...batch(n, 1, nothing.with(0, n)), size: OUTCOME_BYTES }))
    await save(...all)
    const backlog = createBacklog(sql, P, 0)
    for (const one of all.slice(0, 5)) backlog.push(one)
    const given: Batch[] = []
    while (backlog.behind > 0) given.push((await backlog.next(never))!)
    for (const one of all.slice(5)) {
      backlog.push(one) // there is room again
      given.push((await backlog.next(never))!)
    }
    expect(ranges(given)).toEqual(ranges(all))
    expect(given.map((one) => all.includes(one))).toEqual([true, true, false, false, false, true, true, true])
  })

  test('a batch that begins in the midst of one that was read is read on from there', async () => {
    const [a, b] = [batch(0, 3), batch(3, 3)]
    await save(a, b)
    const backlog = createBacklog(sql, P, 0)
    backlog.committed(4)
    await backlog.next(never)
    backlog.push(b)
    expect(ranges([await backlog.next(never)])).toEqual([[4, 5]])
  })

  test('merges what waited for the same, and nothing else', async () => {
    const later = nothing.with(7, 3)
    await save(batch(0, 1), batch(1, 2), batch(3, 1, later), batch(4, 1, later), batch(5, 1))
    const backlog = createBacklog(sql, P, 0)
    backlog.committed(6)
    const given = [await backlog.next(never), await backlog.next(never), await backlog.next(never)]
    expect(ranges(given)).toEqual([
      [0, 2],
      [3, 4],
      [5, 5],
    ])
    expect(given.map((one) => one?.after)).toEqual([nothing, later, nothing])
  })

  test('reads back no more at once than a batch may be, in rows and in bytes', async () => {
    await save(batch(0, 700))
    const backlog = createBacklog(sql, P, 0)
    backlog.committed(700)
    expect(ranges([await backlog.next(never), await backlog.next(never)])).toEqual([
      [0, 499],
      [500, 699],
    ])
    // Postgres keeps next to nothing of it; what counts is what comes out.
    for (let n = 0; n < 10; n++) await save(batch(700 + n, 1, nothing, 'x'.repeat(OUTCOME_BYTES * 0.19)))
    backlog.committed(710)
    expect(ranges([await backlog.next(never), await backlog.next(never)])).toEqual([
      [700, 705],
      [706, 709],
    ])
  })

  test('what is kept no longer is an error, at the cursor and behind it', async () => {
    await save(batch(0, 5))
    await sql.query('DELETE FROM outcomes WHERE position IN (0, 3)')
    const missing = createBacklog(sql, P, 0)
    missing.committed(5)
    await expect(missing.next(never)).rejects.toThrow(OutcomeMissing)
    const backlog = createBacklog(sql, P, 1)
    backlog.committed(5)
    expect(ranges([await backlog.next(never)])).toEqual([[1, 2]])
    await expect(backlog.next(never)).rejects.toThrow(`${P}:3`)
  })

  test('a read that fails is the same read again', async () => {
    await save(batch(0, 2))
    let failing = true
    const flaky: Sql = {
      ...sql,
      async query(...given) {
        if (failing) throw new Error('gone')
        return sql.query(...given)
      },
    }
    const backlog = createBacklog(flaky, P, 0)
    backlog.committed(2)
    await expect(backlog.next(never)).rejects.toThrow('gone')
    failing = false
    expect(ranges([await backlog.next(never)])).toEqual([[0, 1]])
  })
})
