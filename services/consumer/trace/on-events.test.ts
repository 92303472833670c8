import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openLog } from '../../../platform/log/mod.ts'
import type { Log } from '../../../platform/log/port.ts'
import { findOnEvents } from './on-events.ts'

const P = 5

let log: Log
let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'trefoil-trace-'))
  log = await openLog({ directory })
})
afterEach(async () => {
  await log.close()
  await rm(directory, { recursive: true, force: true })
})

type Sketch = [incarnation: number, offset: number] | { mark: number }

async function write(...sketches: Sketch[]): Promise<void> {
  const values = sketches.map((one) =>
    Array.isArray(one) ? { incarnation: one[0], offset: one[1] } : { v: 1, ...one },
  )
  await log.append(
    'events',
    values.map((value) => ({ partition: P, key: '', value: JSON.stringify(value) })),
  )
}
const find = async (offset: number) => {
  const found = await findOnEvents(log, { partition: P, offset })
  return found && [found.offset, found.outcome.incarnation]
}

test('an outcome stands at its own offset, where nothing else was appended', async () => {
  await write([1, 0], [1, 1], [1, 2])
  expect(await Promise.all([0, 1, 2].map(find))).toEqual([
    [0, 1],
    [1, 1],
    [2, 1],
  ])
})

test('behind marks and copies it stands further on', async () => {
  await write([1, 0], [1, 1], [1, 0], [1, 1], { mark: 2 }, [2, 2], { mark: 3 }, [3, 3])
  expect(await Promise.all([1, 2, 3].map(find))).toEqual([
    [1, 1],
    [5, 2],
    [7, 3],
  ])
})

test('what a smaller incarnation still appended behind a mark is not the one', async () => {
  await write([1, 0], { mark: 2 }, [1, 1], [2, 1])
  expect(await find(1)).toEqual([3, 2])
})

test('it is found behind more copies than are read at once', async () => {
  const copies = Array.from({ length: 2500 }, (): Sketch => [1, 0])
  await write(...copies, [1, 1], [1, 2])
  expect(await find(2)).toEqual([2501, 1])
})

test('what was not told is not found: at the end, in a gap, on an empty log', async () => {
  expect(await find(0)).toBeUndefined()
  await write([1, 0], [1, 2])
  expect(await Promise.all([1, 3, 1_000_000].map(find))).toEqual([undefined, undefined, undefined])
})
