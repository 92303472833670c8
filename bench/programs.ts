import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as pause } from 'node:timers/promises'
import { runFile, runtime } from '../test/runtime.ts'
import { freePort } from '../test/system/free-port.ts'

/** A server in a process of its own, so that its CPU time is its own. */
export interface Program {
  url: string
  /** Asks it to end, and waits for that. */
  end(): Promise<void>
}

const START_MS = 120_000
const END_MS = 30_000
const LOOK_MS = 50
const root = join(import.meta.dirname, '..')

/** None outlives the benchmark, however that ends. */
const alive = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of alive) child.kill('SIGKILL')
})

/** Starts a source file with these settings and no other, and waits until /readyz answers. @throws Error with what it said */
export async function startProgram(file: string, settings: Readonly<Record<string, string>>): Promise<Program> {
  const port = String(await freePort())
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(runtime, runFile(join(root, file)), {
    cwd: root,
    env: { PATH, HOME, ...settings, PORT: port },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  alive.add(child)
  const ended = once(child, 'close').finally(() => alive.delete(child))
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      said = `${said}${chunk}`.slice(-10_000)
    })
  }
  const url = `http://127.0.0.1:${port}`
  const program = {
    url,
    async end() {
      const late = setTimeout(() => child.kill('SIGKILL'), END_MS)
      child.kill('SIGTERM')
      await ended
      clearTimeout(late)
    },
  }

  const deadline = performance.now() + START_MS
  while (!(await isReady(url))) {
    if (alive.has(child) && performance.now() < deadline) {
      await pause(LOOK_MS)
      continue
    }
    await program.end()
    throw new Error(`${file} did not start:\n${said}`)
  }
  return program
}

const isReady = (url: string): Promise<boolean> =>
  fetch(`${url}/readyz`, { signal: AbortSignal.timeout(1000) }).then(
    ({ ok }) => ok,
    () => false,
  )
