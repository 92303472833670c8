import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { root } from '../architecture/sources.ts'
import { runDeno } from './deno.ts'

let home = ''
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'trefoil-deno-data-'))
})
afterAll(() => rm(home, { recursive: true }))

/** What is said of a data directory, with the permissions that the complaint about it asks for. */
const opened = (path: string, permissions = [`--allow-read=.,${path}`, `--allow-write=${path}`]) =>
  runDeno(
    ['run', '--no-prompt', '--allow-net', ...permissions, join(root, 'test/deno/data-dir.ts'), path],
    {},
    { cwd: root },
  )

test('a data directory is made with the permissions that its complaint asks for, and none above it', async () => {
  const path = join(home, 'data')
  expect(await opened(path, ['--allow-read=.', '--allow-write=.data'])).toBe(
    `The data directory ${path} is not within Deno's permissions. Run with --allow-read=.,${path} --allow-write=${path}.`,
  )
  expect(await opened(path)).toBe(path)
  expect(await opened(path)).toBe(path)
})

test('one below a directory that is missing, and may not be made, is said to need another place', async () => {
  const path = join(home, 'a', 'data')
  expect(await opened(path)).toBe(`The data directory ${path} cannot be made there. Set DATA_DIR to another one.`)
})
