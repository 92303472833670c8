import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { describe, expect, inject, test } from 'vitest'
import { runDeno } from '../deno/deno.ts'

const consumer = inject('consumer')
const resolutions = {
  nodenext: [],
  bundler: ['--module', 'esnext', '--moduleResolution', 'bundler'],
}

describe.each(Object.entries(resolutions))('with %s', (_, options) => {
  test('a program that uses it type-checks, and so do all declarations', async () => {
    expect(await compile([...options, '--noEmit'])).toEqual([])
  })

  test('what is wrong does not compile, line by line', async () => {
    const lines = readFileSync(join(consumer, 'wrong.ts'), 'utf8').split('\n')
    const marked = lines.flatMap((line, index) => (/ \/\/ wrong: /.test(line) ? [index + 1] : []))
    const errors = await compile([...options, '--noEmit', '--project', 'wrong.json'])
    const found = errors.map((error) => Number(/^wrong\.ts\((\d+),/.exec(error)?.[1] ?? -1))
    expect(found, errors.join('\n')).toEqual(marked)
    expect(errors.join('\n')).toContain(`'ErrorWith<ErrorCode<"project.archived" |`)
    expect(errors.join('\n'), 'an editor shows codes, and no contracts').not.toContain('summary')
  })
})

test('Deno knows the types, too', async () => {
  const check = (file: string) => runDeno(['check', file], { DENO_NO_PACKAGE_JSON: '0' }, { cwd: consumer })
  await check('visit.ts')
  await expect(check('wrong.ts')).rejects.toThrow('"task.ilegal_move"')
})

/** What the compiler that is installed beside the package says, an error a line. */
function compile(options: readonly string[]): Promise<string[]> {
  const tsc = join(consumer, 'node_modules/typescript/bin/tsc')
  return new Promise((resolve) => {
    execFile(process.execPath, [tsc, '--pretty', 'false', ...options], { cwd: consumer }, (_, output) =>
      resolve(output.split('\n').filter((line) => /^\S/.test(line))),
    )
  })
}
