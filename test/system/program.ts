import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import process from 'node:process'
import { expect, vi } from 'vitest'
import { root } from '../architecture/sources.ts'
import { runFile, runtime } from '../runtime.ts'
import type { Settings } from '../system.ts'
import { freePort } from './free-port.ts'

/** Trefoil as its users start it: a process of its own. */
export interface Program {
  url: string
  pid: number
  /** All that it has printed. */
  said(): string
  /** Resolves when /readyz answers 200. @throws Error with what it said, if it ends instead */
  ready(): Promise<void>
  /** Undefined while it runs. */
  status(): number | undefined
  /** Sends the signal and resolves to the status with which it ends; 128 and more where a signal ended it. */
  end(signal: NodeJS.Signals): Promise<number>
  /** Resolves to the status when it ends by itself. */
  ended: Promise<number>
}

/** None outlives the tests, however they end. */
const alive = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of alive) child.kill('SIGKILL')
})

/** Starts a program with these settings and no other. @param file `main.ts`, or that of one service */
export async function startProgram(
  settings: Settings,
  file = 'main.ts',
  parameters: readonly string[] = [],
): Promise<Program> {
  const port = settings.PORT ?? String(await freePort())
  return startProcess({
    command: [runtime, ...runFile(join(root, file), permissionsOf(file, settings)), ...parameters],
    cwd: root,
    env: { ...settings, PORT: port },
    url: `http://127.0.0.1:${port}`,
  })
}

/** The set that deno.json gives a service by name, and the place outside of the project that the test has made for it. */
function permissionsOf(file: string, { DATA_DIR }: Settings) {
  const set = file === 'main.ts' ? 'trefoil' : /^services\/(\w+)\/main\.ts$/.exec(file)?.[1]
  if (!set) return
  // A flag takes the place of what the set allows of its kind.
  const place = [`--allow-read=.,/run/secrets,${DATA_DIR}`, '--deny-read=.env,.git', `--allow-write=${DATA_DIR}`]
  return [`-P=${set}`, ...(DATA_DIR ? place : [])]
}

export interface Start {
  command: readonly string[]
  cwd: string
  env: Settings
  /** Where it will be reached. */
  url: string
  /** Whom it runs as; otherwise whoever runs the tests. */
  uid?: number
}

export function startProcess({ command: [file = '', ...parameters], cwd, env, url, uid }: Start): Program {
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(file, parameters, {
    cwd,
    env: { PATH, HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(uid !== undefined && { uid, gid: uid }),
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += chunk))
  let status: number | undefined
  const ended = once(child, 'close').then(([code, signal]) => {
    status = (code as number | null) ?? 128 + (signal === 'SIGKILL' ? 9 : 15)
    return status
  })
  alive.add(child)
  void ended.then(() => alive.delete(child))

  return {
    url,
    pid: child.pid!,
    said: () => text,
    status: () => status,
    ended,
    async ready() {
      const look = async () => expect(status ?? (await statusOf(`${url}/readyz`))).toSatisfy(answered)
      await vi.waitFor(look, { timeout: 90_000, interval: 50 })
      if (status !== undefined) throw new Error(`It ended with ${status}: ${text}`)
    },
    end(signal) {
      process.kill(child.pid!, signal) // Deno takes what its child.kill has sent for the end, however it ends
      return ended
    },
  }
}

/** Ready, or ended. */
const answered = (code: number): boolean => code === 200 || (code >= 0 && code < 200)

/** -1 where nobody answers. */
const statusOf = (url: string): Promise<number> =>
  fetch(url).then(
    ({ status }) => status,
    () => -1,
  )
