import process from 'node:process'
import { describe, expect, test } from 'vitest'
import { migrate } from './migrations.ts'
import { openPostgres } from './postgres.ts'
import { scratchDatabase } from './scratch.testing.ts'
import { latch } from './suite/bench.ts'
import { migrationsSuite } from './suite/migrations.ts'

const server = process.env.DATABASE_URL
if (!server) throw new Error('DATABASE_URL is not set')

async function open() {
  const database = await scratchDatabase(server as string)
  const sql = openPostgres({ url: database.url })
  return {
    sql,
    async dispose() {
      await sql.close()
      await database.drop()
    },
  }
}

migrationsSuite('Postgres', open)

describe('migrate', () => {
  test('does not wait for ever for another process', async () => {
    const { sql, dispose } = await open()
    try {
      const held = latch()
      const done = latch()
      const other = sql.transaction(async (tx) => {
        await tx.query('SELECT pg_advisory_xact_lock(32776877134276972)')
        held.open()
        await done.opened
      })
      await held.opened
      const waiting = migrate(sql, [{ name: 'users/001_users', sql: 'SELECT 1' }], 200)
      await expect(waiting).rejects.toThrow('Another process has been migrating this database for more than 0.2 s')
      done.open()
      await other
      expect(await migrate(sql, [{ name: 'users/001_users', sql: 'SELECT 1' }], 200)).toEqual(['users/001_users'])
    } finally {
      await dispose()
    }
  })
})
