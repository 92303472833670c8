import { describe, expect, test } from 'vitest'
import { SqlError } from '../port.ts'
import { latch, type Opened } from './bench.ts'

/** What closing waits for, refuses and cuts off; each test opens a database of its own. */
export function closingSuite(open: (closeMs: number) => Promise<Opened>) {
  describe('closing', () => {
    test('waits for what runs, refuses what comes, and may be done twice', async () => {
      const { sql, dispose } = await open(4000)
      try {
        const begun = latch()
        const later = latch()
        const work = sql.transaction(async (tx) => {
          await tx.query('SELECT 1')
          begun.open()
          await later.opened
          return tx.query('SELECT 2 AS n')
        })
        await begun.opened
        const closed = Promise.all([sql.close(), sql.close()])
        await expect(sql.query('SELECT 1')).rejects.toMatchObject({ code: '08003', unavailable: true })
        await expect(sql.transaction(async () => 1)).rejects.toMatchObject({ code: '08003' })
        later.open()
        expect(await work).toEqual([{ n: 2 }])
        await closed
      } finally {
        await dispose()
      }
    })

    test('cuts off what does not end', async () => {
      const { sql, dispose } = await open(200)
      try {
        const begun = latch()
        const later = latch()
        const work = sql.transaction(async (tx) => {
          await tx.query('SELECT 1')
          begun.open()
          await later.opened
          await tx.query('SELECT 2')
        })
        work.catch(() => undefined)
        await begun.opened
        await sql.close()
        later.open()
        await expect(work).rejects.toBeInstanceOf(SqlError)
      } finally {
        await dispose()
      }
    })
  })
}
