import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import process from 'node:process'
import { root } from '../architecture/sources.ts'
import { runFile, runtime } from '../runtime.ts'

/** A script as its users start it: a process, at no terminal. */
export interface Script {
  /** Resolves when it has ended. */
  ended: Promise<{ status: number; out: string; err: string }>
  /** What it has said so far. */
  said(): string
  interrupt(): void
}

/** None outlives the tests, however they end. */
const alive = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of alive) child.kill('SIGKILL')
})

export function startScript(name: string, args: readonly string[], password?: string): Script {
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(runtime, [...runFile(join(root, `clients/scripts/${name}.ts`), ['-P=scripts']), ...args], {
    cwd: root,
    env: { PATH, HOME, ...(password !== undefined && { TREFOIL_PASSWORD: password }) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk) => (out += chunk))
  child.stderr.on('data', (chunk) => (err += chunk))
  alive.add(child)
  const ended = once(child, 'close').then(([code]) => {
    alive.delete(child)
    return { status: (code as number | null) ?? -1, out, err }
  })
  return { ended, said: () => out, interrupt: () => void process.kill(child.pid!, 'SIGINT') }
}

export const runScript = (name: string, args: readonly string[], password?: string) =>
  startScript(name, args, password).ended
