import { appendFile, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openJournal } from './journal.ts'

let directory: string
let path: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'trefoil-journal-'))
  path = join(directory, 'journal')
})
afterEach(() => rm(directory, { recursive: true }))

async function opened<T>(work: (journal: Awaited<ReturnType<typeof openJournal>>) => Promise<T>): Promise<T> {
  const journal = await openJournal(path)
  return work(journal).finally(() => journal.close())
}
const lines = () => opened(async (journal) => journal.lines)

test('has what was appended, in the order of the calls, however long each takes to make', async () => {
  await opened(async (journal) => {
    let slow = (_: string[]) => {}
    const made = new Promise<string[]>((resolve) => {
      slow = resolve
    })
    const first = journal.append(() => made)
    const second = journal.append(async () => ['b', 'c'])
    await Promise.resolve()
    slow(['a'])
    await Promise.all([first, second])
  })
  expect(await lines()).toEqual(['a', 'b', 'c'])
})

test('is begun anew with what is made when its turn comes, and goes on after it', async () => {
  await opened(async (journal) => {
    const state = ['old']
    const append = journal.append(async () => {
      state.push('new')
      return ['dropped']
    })
    const rewrite = journal.rewrite(async () => state)
    await Promise.all([append, rewrite, journal.append(async () => ['after'])])
  })
  expect(await lines()).toEqual(['old', 'new', 'after'])
  expect(await readdir(directory)).toEqual(['journal'])
})

test('is read up to a torn last line, and goes on from there', async () => {
  await opened((journal) => journal.append(async () => ['whole']))
  await appendFile(path, 'torn')
  expect(await lines()).toEqual(['whole'])
  await opened((journal) => journal.append(async () => ['ёлка']))
  await opened((journal) => journal.append(async () => ['next']))
  expect(await lines()).toEqual(['whole', 'ёлка', 'next'])
})

test('a call that fails is its own trouble', async () => {
  await opened(async (journal) => {
    await expect(journal.append(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
    await expect(journal.rewrite(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
    await journal.append(async () => ['after'])
  })
  expect(await readFile(path, 'utf8')).toBe('after\n')
})

test('is for its owner alone', async () => {
  const mode = async () => (await stat(path)).mode & 0o777
  await opened(async (journal) => {
    expect(await mode()).toBe(0o600)
    await journal.rewrite(async () => [])
    expect(await mode()).toBe(0o600)
  })
})
