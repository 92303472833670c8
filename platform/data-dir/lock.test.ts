import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runFile, runtime } from '../../test/runtime.ts'
import { lockDataDir } from './lock.ts'

interface Holder {
  pid: number
  /** Tries to lock the directory; resolves to `held` or to the complaint. */
  lock(): Promise<string>
  kill(): Promise<void>
}

const children: ChildProcess[] = []
let directory = ''

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'trefoil-lock-'))
})
afterEach(async () => {
  await Promise.all(children.splice(0).map(kill))
  await rm(directory, { recursive: true })
})

async function startHolder(): Promise<Holder> {
  const file = fileURLToPath(new URL('holder.fixture.ts', import.meta.url))
  const child = spawn(runtime, [...runFile(file), directory], { stdio: ['pipe', 'pipe', 'inherit'] })
  children.push(child)
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  await lines.next()
  return {
    pid: child.pid ?? 0,
    async lock() {
      child.stdin.write('now\n')
      return (await lines.next()).value ?? 'ended'
    },
    kill: () => kill(child),
  }
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGKILL')
  await exit
}

test('a second process is refused and told who has the directory', async () => {
  const holder = await startHolder()
  expect(await holder.lock()).toBe('held')
  await expect(lockDataDir(directory)).rejects.toThrow(
    `The data directory ${directory} is in use by the process ${holder.pid}. Stop that one, or set DATA_DIR to another one.`,
  )
})

test('the lock dies with its owner, killed or not, any number of times', async () => {
  const holders = [await startHolder(), await startHolder(), await startHolder()]
  for (const holder of holders) {
    expect(await holder.lock()).toBe('held')
    await holder.kill()
  }
  const unlock = await lockDataDir(directory)
  await unlock()
  await (await lockDataDir(directory))()
  expect(await readdir(join(directory, 'lock'))).toHaveLength(2)
})

test('the owner itself cannot lock twice', async () => {
  const unlock = await lockDataDir(directory)
  await expect(lockDataDir(directory)).rejects.toThrow('in use')
  await unlock()
})

test('of ten that start at once exactly one wins, also over a dead owner, round after round', async () => {
  const dead = await startHolder()
  await dead.lock()
  await dead.kill()
  const starters = await Promise.all(Array.from({ length: 10 }, startHolder))
  for (let round = 0; round < 3; round++) {
    const said = await Promise.all(starters.map((starter) => starter.lock()))
    const winner = said.indexOf('held')
    expect(said.filter((text) => !text.includes('is in use by the process'))).toEqual(['held'])
    await starters.splice(winner, 1)[0]?.kill()
  }
}, 60_000)
