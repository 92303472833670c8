import { type ChildProcess, execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { root } from '../architecture/sources.ts'
import { freePort } from '../system/free-port.ts'
import { startDeno } from './deno.ts'

// A fresh clone without npm: what git knows or would add, and nothing that was installed.
const clone = mkdtempSync(join(tmpdir(), 'trefoil-clone-'))
let url = ''
let trefoil: ChildProcess
let said = ''

beforeAll(async () => {
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { cwd: root, encoding: 'utf8' })
  for (const file of files.split('\0').filter((name) => name && existsSync(join(root, name)))) {
    cpSync(join(root, file), join(clone, file))
  }
  const port = await freePort()
  url = `http://127.0.0.1:${port}`
  trefoil = startDeno(
    ['task', 'start'],
    { PORT: `${port}` },
    { cwd: clone, stdio: ['ignore', 'pipe', 'pipe'], detached: true },
  )
  for (const stream of [trefoil.stdout, trefoil.stderr]) stream?.on('data', (chunk) => (said += chunk))
})

afterAll(async () => {
  if (trefoil.exitCode === null && trefoil.pid) process.kill(-trefoil.pid, 'SIGKILL')
  rmSync(clone, { recursive: true, force: true, maxRetries: 5 })
})

test('`deno task start` fetches what it needs, becomes ready and serves, without npm', async () => {
  await vi.waitFor(
    async () => {
      if (trefoil.exitCode !== null) throw new Error(said)
      expect((await fetch(`${url}/readyz`)).status).toBe(200)
    },
    { timeout: 150_000, interval: 250 },
  )
  expect((await fetch(`${url}/users`)).status).toBe(401)
  expect(existsSync(join(clone, 'node_modules'))).toBe(false)
}, 160_000)

test('its permissions suffice for the docs, which are files of a package, and the metrics', async () => {
  const docs = await fetch(`${url}/docs`)
  expect([docs.status, await docs.text()]).toEqual([200, expect.stringContaining('swagger-ui')])
  expect(await (await fetch(`${url}/metrics`)).text()).toContain('trefoil_')
})

test('a signal stops it in order', async () => {
  trefoil.kill('SIGTERM')
  const [code] = trefoil.exitCode === null ? await once(trefoil, 'exit') : [trefoil.exitCode]
  expect([code, said]).toEqual([0, expect.stringContaining('"stopped"')])
  expect(JSON.parse(readFileSync(join(clone, '.data/trefoil.json'), 'utf8'))).toMatchObject({ clean: true })
}, 60_000)
