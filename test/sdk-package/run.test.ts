import { execFile } from 'node:child_process'
import process from 'node:process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { runDeno } from '../deno/deno.ts'
import { unique } from '../system/people.ts'
import { admin, type System, startEmbedded } from '../system.ts'
import { seen } from './visits.ts'

const run = promisify(execFile)
const consumer = inject('consumer')

let system: System
beforeAll(async () => {
  system = await startEmbedded()
})
afterAll(() => system?.stop())
const visit = () => JSON.stringify({ url: system.url, password: admin.password, name: unique('visit') })

test('on Node', async () => {
  await run(process.execPath, ['node_modules/typescript/bin/tsc'], { cwd: consumer })
  const { stdout, stderr } = await run(process.execPath, ['launch.mjs', './out/visit.js', visit()], { cwd: consumer })
  expect(JSON.parse(stdout)).toEqual(seen)
  expect(stderr).toBe('')
})

test('on Node, for a program in CommonJS', async () => {
  const program = `process.stdout.write(typeof require('@trefoil/sdk').createClient)`
  const { stdout } = await run(process.execPath, ['--input-type=commonjs', '--eval', program], { cwd: consumer })
  expect(stdout).toBe('function')
})

test('on Deno, which may reach the network and nothing else', async () => {
  const args = ['run', '--no-prompt', '--allow-net', '--allow-read=.', 'launch.mjs', './visit.ts', visit()]
  const output = await runDeno(args, { DENO_NO_PACKAGE_JSON: '0' }, { cwd: consumer })
  expect(JSON.parse(output)).toEqual(seen)
})
