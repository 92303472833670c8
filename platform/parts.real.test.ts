import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { readConfig } from './config/config.ts'
import { openParts, type Parts } from './parts.ts'
import { scratchDatabase } from './sql/scratch.testing.ts'
import { deferred } from './waiting.ts'

const server = process.env.DATABASE_URL
if (!server) throw new Error('DATABASE_URL is not set')

async function withParts<T>(name: string, work: (parts: Parts) => Promise<T>): Promise<T> {
  const database = await scratchDatabase(server!)
  const directory = await mkdtemp(join(tmpdir(), 'trefoil-parts-'))
  try {
    const parts = await openParts({
      name,
      config: readConfig({ env: { DATABASE_URL: database.url, DATA_DIR: directory } }),
      logger: pino({ level: 'silent' }),
      migrations: [],
      secretTables: [],
      onProgress: () => {},
    })
    return await work(parts).finally(parts.close)
  } finally {
    await database.drop()
    await rm(directory, { recursive: true })
  }
}

test.each([
  ['tasks', 'trefoil-tasks'],
  ['trefoil', 'trefoil'],
])('Postgres is told whose its connections are: those of %s are called %s', async (name, called) => {
  const shown = await withParts(name, ({ sql }) =>
    sql.query(`SELECT DISTINCT application_name AS name FROM pg_stat_activity
        WHERE datname = current_database() AND backend_type = 'client backend'`),
  )
  expect(shown).toEqual([{ name: called }])
})

test('polls do not wait for the loads of readers, however many those are', async () => {
  await withParts('tasks', async ({ sql, polls }) => {
    const released = deferred<void>()
    let loading = 0
    const load = () =>
      sql.transaction(async (tx) => {
        await tx.query('SELECT 1')
        loading++
        await released.promise
      })
    const loads = Promise.allSettled(Array.from({ length: 30 }, load))
    await expect.poll(() => loading).toBe(10) // all connections that there are
    await polls.query('SELECT 1')
    expect(loading).toBe(10)
    released.resolve()
    await loads
  })
})
