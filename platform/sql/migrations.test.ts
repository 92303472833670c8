import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { loadMigrations } from './migrations.ts'
import { openPglite } from './pglite.ts'
import { scratchDirectory } from './scratch.testing.ts'
import { migrationsSuite } from './suite/migrations.ts'

migrationsSuite('PGlite', async () => {
  const { directory, remove } = await scratchDirectory()
  const sql = await openPglite({ directory })
  return {
    sql,
    async dispose() {
      await sql.close()
      await remove()
    },
  }
})

describe('loadMigrations', () => {
  async function folder(files: Record<string, string>, then: (url: URL) => Promise<void>) {
    const directory = await mkdtemp(join(tmpdir(), 'trefoil-migrations-'))
    try {
      for (const [name, content] of Object.entries(files)) await writeFile(join(directory, name), content)
      await then(pathToFileURL(directory))
    } finally {
      await rm(directory, { recursive: true })
    }
  }

  test('reads the numbered files in order, and names them after the service', async () => {
    await folder({ '010_later.sql': 'B', '002_first.sql': 'A', 'README.md': '' }, async (url) => {
      const expected = [
        { name: 'users/002_first', sql: 'A' },
        { name: 'users/010_later', sql: 'B' },
      ]
      expect(await loadMigrations(url, 'users')).toEqual(expected)
      expect(await loadMigrations(new URL(`${url.href}/`), 'users')).toEqual(expected)
    })
  })

  test.each(['1_short.sql', '001-dash.sql', '001_Capital.sql', 'name.sql'])(
    'refuses the file name %s',
    async (name) => {
      await folder({ [name]: '' }, async (url) => {
        await expect(loadMigrations(url, 'users')).rejects.toThrow(`users/${name}`)
      })
    },
  )

  test('refuses a number that is there twice', async () => {
    await folder({ '001_a.sql': '', '001_b.sql': '' }, async (url) => {
      await expect(loadMigrations(url, 'users')).rejects.toThrow('users/001_b.sql: there are two migrations')
    })
  })
})
