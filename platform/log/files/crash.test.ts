import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openFileLog } from '../files.ts'
import { type LogRecord, PARTITIONS } from '../port.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'trefoil-log-'))
})
afterEach(() => rm(directory, { recursive: true }))

/** A program of this folder, run by the runtime that runs the tests. */
function program(name: string): string[] {
  const flags = process.versions.deno ? ['run', '-A'] : ['--import', 'tsx']
  return [...flags, fileURLToPath(new URL(`./${name}.fixture.ts`, import.meta.url))]
}

async function everything(): Promise<LogRecord[]> {
  const log = await openFileLog({ directory })
  const records: LogRecord[] = []
  for (let partition = 0; partition < PARTITIONS; partition++) {
    for (let from = 0; ; from = records.at(-1)!.offset + 1) {
      const more = await log.read('commands', partition, from, 10_000)
      if (more.length === 0) break
      records.push(...more)
    }
  }
  await log.close()
  return records
}

test('has every acknowledged record after kill -9, again and again', async () => {
  const acknowledged: { partition: number; offset: number; value: string }[] = []
  for (const enough of [100, 1, 400]) {
    const child = spawn(process.execPath, [...program('crash'), directory], { stdio: ['ignore', 'pipe', 'inherit'] })
    const exit = once(child, 'exit')
    let seen = 0
    for await (const line of createInterface({ input: child.stdout })) {
      if (line.endsWith('}')) acknowledged.push(JSON.parse(line))
      if (++seen === enough) child.kill('SIGKILL')
    }
    expect((await exit)[1]).toBe('SIGKILL')
  }
  const kept = new Map((await everything()).map((record) => [`${record.partition}/${record.offset}`, record.value]))
  expect(acknowledged.length).toBeGreaterThan(500)
  for (const { partition, offset, value } of acknowledged) expect(kept.get(`${partition}/${offset}`)).toBe(value)
}, 60_000)

test('on a full disk refuses what does not fit, certainly unwritten, and takes again what does', async () => {
  const limited = 'trap "" XFSZ; ulimit -f 64; exec "$0" "$@"'
  const { stdout } = await promisify(execFile)('bash', [
    '-c',
    limited,
    process.execPath,
    ...program('full-disk'),
    directory,
  ])
  expect(JSON.parse(stdout)).toEqual([[0, 1], 'no', [2, 3], 'no', [4, 5]])
  expect((await everything()).map(({ value }) => value.length)).toEqual([10, 10, 20, 20, 30, 30])
}, 60_000)
