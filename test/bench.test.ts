import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { root } from './architecture/sources.ts'
import { runFile, runtime } from './runtime.ts'

test('the benchmark of the write path runs, and prints a row for each level', async () => {
  const few = ['--calls', '4', '--rounds', '1', '--concurrency', '1,2']
  const file = join(root, 'bench/write-path.ts')
  const { stdout } = await promisify(execFile)(runtime, [...runFile(file), ...few], { cwd: root, timeout: 300_000 })
  const rows = stdout.split('\n').filter((line) => /^\| \d/.test(line))
  expect(rows.map((row) => row.split('|')[1]?.trim())).toEqual(['1', '2'])
  expect(rows.join()).not.toMatch(/NaN|Infinity/)
}, 330_000)
