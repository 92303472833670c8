import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { openPglite } from './pglite.ts'

const writer = fileURLToPath(new URL('suite/writer.ts', import.meta.url))

/** Starts the writer on a directory, in a process of its own. */
function startWriter(directory: string): ChildProcess {
  const runner = 'Deno' in globalThis ? ['run', '--allow-all'] : ['--import', 'tsx']
  return spawn(process.execPath, [...runner, writer, directory], { stdio: ['ignore', 'pipe', 'inherit'] })
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

async function written(directory: string): Promise<unknown[]> {
  const sql = await openPglite({ directory })
  try {
    return (await sql.query('SELECT n FROM written ORDER BY n')).map((row) => row.n)
  } finally {
    await sql.close()
  }
}

// Making a database is seconds of work, and many of them on a busy machine.
describe('the directory of PGlite', { timeout: 60_000 }, () => {
  let parent: string
  let made: string
  const heard: string[] = []
  beforeAll(async () => {
    parent = await mkdtemp(join(tmpdir(), 'trefoil-sql-'))
    made = join(parent, 'deep', 'down', 'db')
    const sql = await openPglite({ directory: made, onProgress: (line) => heard.push(line) })
    await sql.script('CREATE TABLE written (n int PRIMARY KEY); INSERT INTO written VALUES (-1)')
    await sql.close()
  })
  afterAll(() => rm(parent, { recursive: true }))

  /** A copy of a closed database. */
  async function copy(name: string): Promise<string> {
    const directory = join(parent, name)
    await cp(made, directory, { recursive: true })
    return directory
  }

  test('tells of the making, once', async () => {
    expect(heard).toEqual([expect.stringContaining(made), expect.stringMatching(/^Made the database in \d+\.\d s$/)])
    const again: string[] = []
    const sql = await openPglite({ directory: made, onProgress: (line) => again.push(line) })
    await sql.close()
    expect(again).toEqual([])
  })

  test('holds after kill -9 what was committed, and no half of a transaction', async () => {
    const directory = await copy('killed')
    const child = startWriter(directory)
    let last = -1
    try {
      const lines = createInterface({ input: child.stdout as NonNullable<typeof child.stdout> })
      for await (const line of lines) {
        last = Number(line)
        if (last === 401) child.kill('SIGKILL')
      }
    } finally {
      await (child.exitCode === null && child.signalCode === null ? kill(child) : undefined)
    }
    expect(last).toBeGreaterThanOrEqual(401)
    const found = await written(directory)
    expect(found.length % 2).toBe(1) // -1, then pairs
    expect(found.length).toBeGreaterThanOrEqual(last + 2)
    expect(found).toEqual(found.map((_, index) => index - 1))
    expect(await written(directory)).toEqual(found)
  })

  test('is whole after a making that was killed', async () => {
    const directory = join(parent, 'cut-short')
    const child = startWriter(directory)
    try {
      await vi.waitFor(() => readdir(`${directory}.unfinished`), { timeout: 30_000, interval: 10 })
    } finally {
      await kill(child)
    }
    await expect(readdir(directory)).rejects.toThrow('ENOENT')
    const sql = await openPglite({ directory })
    expect(await sql.query('SELECT 1 AS n')).toEqual([{ n: 1 }])
    await sql.close()
    expect(await readdir(parent)).not.toContain('cut-short.unfinished')
  })

  test('is made in spite of half a database beside it, and of an empty directory in its place', async () => {
    const directory = join(parent, 'empty')
    await mkdir(directory)
    await mkdir(`${directory}.unfinished/base`, { recursive: true })
    await writeFile(`${directory}.unfinished/PG_VERSION`, '18\n')
    const sql = await openPglite({ directory })
    expect(await sql.query('SELECT 1 AS n')).toEqual([{ n: 1 }])
    await sql.close()
  })

  test.each([
    ['of a dead process', '-42\n/pglite/data\n1\n5432\n\n\n'],
    ['of a living process', `${process.pid}\n/pglite/data\n1\n5432\n\n\n`],
    ['that is empty', ''],
  ])('opens in spite of a postmaster.pid %s', async (_whose, content) => {
    const directory = await copy(`pid-${content.length}`)
    await writeFile(join(directory, 'postmaster.pid'), content)
    expect(await written(directory)).toEqual([-1])
  })

  test('is left alone if it holds something else', async () => {
    const directory = join(parent, 'photos')
    await mkdir(directory)
    await writeFile(join(directory, 'cat.jpg'), 'meow')
    await expect(openPglite({ directory })).rejects.toThrow(`${directory} holds something else than a database`)
    expect(await readFile(join(directory, 'cat.jpg'), 'utf8')).toBe('meow')
  })

  test('says which database cannot be opened', async () => {
    const directory = await copy('damaged')
    await writeFile(join(directory, 'PG_VERSION'), '9\n')
    await expect(openPglite({ directory })).rejects.toThrow(`The database in ${directory} (made by PostgreSQL 9)`)
  })
})
