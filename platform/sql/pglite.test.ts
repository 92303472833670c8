import { describe, expect, test, vi } from 'vitest'
import { openPglite } from './pglite.ts'
import { scratchDirectory } from './scratch.testing.ts'
import { sqlSuite } from './suite.ts'

async function open(options: { idleInTransactionMs: number; closeMs: number }) {
  const { directory, remove } = await scratchDirectory()
  const sql = await openPglite({ directory, ...options })
  return {
    sql,
    async dispose() {
      await sql.close()
      await remove()
    },
  }
}

sqlSuite('PGlite', open)

describe('pglite', () => {
  test('closing is bounded, however many transactions wait for their turn', async () => {
    const { sql, dispose } = await open({ idleInTransactionMs: 60_000, closeMs: 200 })
    const begun: number[] = []
    const transactions = [1, 2, 3].map((n) =>
      sql.transaction(async (tx) => {
        begun.push(n)
        await tx.query('SELECT 1')
        await new Promise(() => undefined)
      }),
    )
    const outcomes = Promise.allSettled(transactions)
    await vi.waitFor(() => expect(begun).toEqual([1]))
    await sql.close()
    expect(await outcomes).toMatchObject([1, 2, 3].map(() => ({ status: 'rejected', reason: { code: '08003' } })))
    expect(begun).toEqual([1])
    await dispose()
  })

  test('a named statement whose table has got other columns fails once, and is then made anew', async () => {
    const { sql, dispose } = await open({ idleInTransactionMs: 5000, closeMs: 5000 })
    try {
      await sql.script('CREATE TABLE things (a int); INSERT INTO things VALUES (1)')
      const read = () => sql.query('SELECT * FROM things', [], 'things')
      expect([await read(), await read()]).toEqual([[{ a: 1 }], [{ a: 1 }]])
      await sql.script('ALTER TABLE things ADD b int')
      await expect(read()).rejects.toMatchObject({ code: '0A000' })
      expect(await read()).toEqual([{ a: 1, b: null }])
    } finally {
      await dispose()
    }
  })

  test('a named statement that fails may be run again', async () => {
    const { sql, dispose } = await open({ idleInTransactionMs: 5000, closeMs: 5000 })
    try {
      const half = (of: number) => sql.query('SELECT 1 / $1::int AS n', [of], 'half')
      await expect(half(0)).rejects.toMatchObject({ code: '22012' })
      expect(await half(1)).toEqual([{ n: 1 }])
      await expect(sql.transaction((tx) => tx.query('SELECT 1 / $1::int AS n', [0], 'half'))).rejects.toThrow()
      expect(await half(1)).toEqual([{ n: 1 }])
    } finally {
      await dispose()
    }
  })
})
