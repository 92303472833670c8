import { Buffer } from 'node:buffer'
import {
  appendFile,
  copyFile,
  type FileHandle,
  mkdtemp,
  open,
  readFile,
  rm,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { deferred } from '../waiting.ts'
import { HEADER } from './files/header.ts'
import { openFileLog } from './files.ts'
import { type LogRecord, type NewRecord, PARTITIONS } from './port.ts'
import { logContract } from './suite.ts'

logContract('files', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'trefoil-log-'))
  return { open: () => openFileLog({ directory }), remove: () => rm(directory, { recursive: true }) }
})

describe('the file log', () => {
  let directory: string
  let file: string
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'trefoil-log-'))
    file = join(directory, 'commands.log')
  })
  afterEach(() => rm(directory, { recursive: true }))

  const record = (partition: number, value: string): NewRecord => ({ partition, key: `k${partition}`, value })

  async function using<T>(work: (log: Awaited<ReturnType<typeof openFileLog>>) => Promise<T>): Promise<T> {
    const log = await openFileLog({ directory })
    try {
      return await work(log)
    } finally {
      await log.close()
    }
  }

  const everything = () =>
    using(async (log) => {
      const records: LogRecord[] = []
      for (let partition = 0; partition < PARTITIONS; partition++) {
        records.push(...(await log.read('commands', partition, 0, 10_000)))
      }
      return records
    })

  /** Writes groups of records, each in one write; resolves to where each write ended. */
  const written = (groups: NewRecord[][]) =>
    using(async (log) => {
      const ends = [HEADER]
      for (const group of groups) {
        await log.append('commands', group)
        ends.push((await stat(file)).size)
      }
      return ends
    })

  async function flip(position: number, bits: number): Promise<void> {
    const handle = await open(file, 'r+')
    const { buffer } = await handle.read(new Uint8Array(1), 0, 1, position)
    await handle.write(new Uint8Array([buffer[0]! ^ bits]), 0, 1, position)
    await handle.close()
  }

  const three = [
    [record(0, 'a'), record(1, 'b')],
    [record(0, 'c'), record(0, 'd')],
    [record(5, 'e'), record(1, 'f')],
  ]
  const whole = (groups: NewRecord[][]) =>
    groups
      .flat()
      .map(({ value }) => value)
      .sort()

  test('cut at any byte, has every write that was whole and goes on behind it', async () => {
    const ends = await written(three)
    await copyFile(file, `${file}.whole`)
    for (let size = HEADER; size <= ends.at(-1)!; size++) {
      await copyFile(`${file}.whole`, file)
      await truncate(file, size)
      const kept = ends.findLastIndex((end) => end <= size)
      const values = (await everything()).map(({ value }) => value)
      expect(values.sort()).toEqual(whole(three.slice(0, kept)))
      expect((await stat(file)).size).toBe(ends[kept])
      const offset = three.slice(0, kept).flatMap((group) => group.filter(({ partition }) => partition === 0)).length
      expect(await using((log) => log.append('commands', [record(0, 'next')]))).toEqual([offset])
      expect(await everything()).toHaveLength(values.length + 1)
    }
  })

  test('cuts a last write that is damaged anywhere, or followed by the zeros and rubbish of a power cut', async () => {
    const ends = await written(three)
    await copyFile(file, `${file}.whole`)
    for (let position = ends[2]!; position < ends[3]!; position++) {
      await copyFile(`${file}.whole`, file)
      await flip(position, 0x10)
      expect((await everything()).map(({ value }) => value).sort()).toEqual(whole(three.slice(0, 2)))
    }
    for (const rubbish of [Buffer.alloc(5_000), Buffer.alloc(700, 0xfe), Buffer.from('TRF')]) {
      await copyFile(`${file}.whole`, file)
      await appendFile(file, rubbish)
      expect((await everything()).map(({ value }) => value).sort()).toEqual(whole(three))
    }
  })

  test('refuses to open when any bit before the last write is damaged, and leaves the file as it is', async () => {
    const ends = await written(three)
    await copyFile(file, `${file}.whole`)
    const place = fc.integer({ min: HEADER, max: ends[2]! - 1 })
    await fc.assert(
      fc.asyncProperty(place, fc.integer({ min: 1, max: 255 }), async (position, bits) => {
        await copyFile(`${file}.whole`, file)
        await flip(position, bits)
        const before = await readFile(file)
        const frame = ends.findLast((end) => end <= position)
        await expect(openFileLog({ directory })).rejects.toThrow(`${file} is damaged at byte ${frame}: `)
        expect(await readFile(file)).toEqual(before)
      }),
      { numRuns: 60 },
    )
  })

  test('refuses to open when a write is missing in the middle, or too much is damaged to be one write', async () => {
    const ends = await written(three)
    const bytes = await readFile(file)
    await writeFile(file, Buffer.concat([bytes.subarray(0, HEADER), bytes.subarray(ends[1])]))
    await expect(openFileLog({ directory })).rejects.toThrow('partition 0 goes on at offset 1 where 0 is due')
    await writeFile(file, Buffer.concat([bytes, Buffer.alloc(9 * 1024 * 1024)]))
    await expect(openFileLog({ directory })).rejects.toThrow(`is damaged at byte ${ends[3]}: `)
  })

  test('refuses to open when the last two writes are damaged: the last but one was acknowledged', async () => {
    const ends = await written(three)
    await flip(ends[2]! - 1, 1)
    await flip(ends[3]! - 1, 1)
    await expect(openFileLog({ directory })).rejects.toThrow(`is damaged at byte ${ends[1]}: `)
  })

  test('refuses a file with a foreign or damaged header, and leaves it as it is', async () => {
    await written(three)
    const bytes = await readFile(file)
    const foreign = [Buffer.alloc(0), Buffer.from('hello'), bytes.subarray(0, HEADER - 1), Buffer.alloc(4096)]
    for (let position = 0; position < HEADER; position++) {
      const damaged = Buffer.from(bytes)
      damaged[position]! ^= 1
      foreign.push(damaged)
    }
    for (const content of foreign) {
      await writeFile(file, content)
      await expect(openFileLog({ directory })).rejects.toThrow(`${file} is no log file`)
      expect(await readFile(file)).toEqual(content)
    }
    await writeFile(file, bytes)
    await copyFile(file, join(directory, 'events.log'))
    await expect(openFileLog({ directory })).rejects.toThrow('files have been swapped')
  })

  test('starts over when its first creation was cut short', async () => {
    await writeFile(`${file}.new`, 'trefoil-lo')
    await using((log) => log.append('commands', [record(0, 'a')]))
    expect(await everything()).toHaveLength(1)
    await expect(stat(`${file}.new`)).rejects.toThrow('ENOENT')
  })

  test('has another id when it was made anew, and begins with it in plain text', async () => {
    const id = () => using(async (log) => (await log.describe('commands')).id)
    const first = await id()
    expect((await readFile(file, 'latin1')).split('\n')[0]).toContain(`commands partitions=12 id=${first}`)
    expect(await id()).toBe(first)
    await rm(file)
    expect(await id()).not.toBe(first)
  })

  test('is read up to where it ended, whatever is written to the same partition meanwhile', async () => {
    await using(async (log) => {
      const large = 'x'.repeat(100_000) // each section is a read of its own, so that writes come between them
      for (let end = 0; end < 5; end++) await log.append('commands', [record(0, large)])
      for (let end = 5; end < 60; end++) {
        const reading = log.read('commands', 0, 0, 1000)
        const appending = log.append('commands', [record(0, `${end}`)])
        const offsets = (await reading).map(({ offset }) => offset)
        expect(offsets).toEqual(offsets.map((_, place) => place))
        expect(offsets.length).toBeGreaterThanOrEqual(end)
        await appending
      }
    })
  })

  test('refuses a second member of a group while the first is there', async () => {
    await using(async (log) => {
      const consumer = { assigned: async () => 0, batch: async () => 0, revoked: async () => {} }
      const first = await log.consume('commands', 'group', consumer)
      await expect(log.consume('commands', 'group', consumer)).rejects.toThrow('group already consumes commands')
      await (await log.consume('events', 'group', consumer)).close()
      await first.close()
      await (await log.consume('commands', 'group', consumer)).close()
    })
  })

  test('acknowledges a record, and shows it to readers, only after it was synced', async () => {
    const probe = await open(join(directory, 'probe'), 'w')
    const prototype: FileHandle = Object.getPrototypeOf(probe)
    await probe.close()
    await using(async (log) => {
      const gate = deferred<void>()
      const spy = vi.spyOn(prototype, 'datasync').mockImplementation(() => gate.promise)
      try {
        const acknowledged = vi.fn()
        const append = log.append('commands', [record(0, 'a')]).then(acknowledged)
        await vi.waitFor(() => expect(spy).toHaveBeenCalledOnce())
        expect((await stat(file)).size).toBeGreaterThan(HEADER) // it is written, and may yet be lost
        expect(acknowledged).not.toHaveBeenCalled()
        expect((await log.describe('commands')).ends[0]).toBe(0)
        expect(await log.read('commands', 0, 0, 1)).toEqual([])
        const later = log.append('commands', [record(0, 'b'), record(1, 'c')])
        gate.resolve()
        await Promise.all([append, later])
        expect(await log.read('commands', 0, 0, 9)).toHaveLength(2)
        expect(spy).toHaveBeenCalledTimes(2) // once a write, however many partitions it touches
      } finally {
        spy.mockRestore()
      }
    })
  })
})
