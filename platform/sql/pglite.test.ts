import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { openPglite } from './pglite.ts'
import { sqlSuite } from './suite.ts'

async function open(options: { idleInTransactionMs: number; closeMs: number }) {
  const parent = await mkdtemp(join(tmpdir(), 'trefoil-sql-'))
  const sql = await openPglite({ directory: join(parent, 'db'), ...options })
  return {
    sql,
    async dispose() {
      await sql.close()
      await rm(parent, { recursive: true })
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
