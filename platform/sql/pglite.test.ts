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
})
