import { type FileHandle, open } from 'node:fs/promises'
import { asError } from '../../thrown.ts'
import { woken } from '../../waiting.ts'
import type { Logger } from '../logger.ts'
import { type LogRecord, LogUnavailable, type NewRecord, PARTITIONS, type Topic } from '../port.ts'
import { encodeFrame, type Frame, type Section } from './frames.ts'
import { createLogFile, readHeader } from './header.ts'
import { createOffsetIndex } from './offset-index.ts'
import { scan } from './scan.ts'
import { readSections } from './sections.ts'

/** One topic in one file, so that one fdatasync makes the records of all its partitions durable. */
export interface TopicFile {
  readonly id: string
  /** The offset of the next record, per partition; counts synced records only, as everything here does. */
  readonly ends: readonly number[]
  /** Writes and syncs one frame. Not to be called again before it settles. */
  write(records: readonly NewRecord[]): Promise<number[]>
  /** At most `limit` records, of about `bytes` bytes, at least one if there is one. */
  read(partition: number, from: number, limit: number, bytes: number): Promise<LogRecord[]>
  /** Resolves at the next write that is synced, or when the signal fires. */
  grown(signal: AbortSignal): Promise<void>
  close(): Promise<void>
}

export async function openTopicFile(path: string, topic: Topic, logger: Logger): Promise<TopicFile> {
  const handle = await open(path, 'r+').catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
    await createLogFile(path, topic)
    return open(path, 'r+')
  })
  try {
    return await openContents(handle, path, topic, logger)
  } catch (error) {
    await handle.close()
    throw error
  }
}

async function openContents(handle: FileHandle, path: string, topic: Topic, logger: Logger): Promise<TopicFile> {
  const id = await readHeader(handle, path, topic)
  const ends: number[] = new Array(PARTITIONS).fill(0)
  const indexes = Array.from({ length: PARTITIONS }, createOffsetIndex)
  const waiting = new Set<() => void>()
  let end = await recover()
  let unsure = false

  async function recover(): Promise<number> {
    const { size } = await handle.stat()
    const whole = await scan(handle, path, size, admit)
    if (whole < size) {
      logger.warn({ path, position: whole, bytes: size - whole }, 'cut off a write that was never acknowledged')
      await cut(whole)
    }
    return whole
  }

  /** Takes a section into the index, unless it does not continue its partition. */
  function admit({ partition, firstOffset, records }: Section, position: number): string | undefined {
    const index = indexes[partition]
    if (!index) return `it holds records of partition ${partition}, of ${PARTITIONS}`
    const due = ends[partition]!
    if (firstOffset !== due) return `partition ${partition} goes on at offset ${firstOffset} where ${due} is due`
    index.add(firstOffset, position)
    ends[partition] = due + records
    return undefined
  }

  async function cut(at: number): Promise<void> {
    await handle.truncate(at)
    await handle.datasync()
  }

  async function write(records: readonly NewRecord[]): Promise<number[]> {
    if (unsure) await repair()
    const frame = encodeFrame(records, ends)
    await persist(frame)
    for (const section of frame.sections) admit(section, end + section.at)
    end += frame.bytes.length
    for (const wake of waiting) wake()
    return frame.offsets
  }

  /** Throws LogUnavailable, `no` only once the file ends where it did before. */
  async function persist({ bytes }: Frame): Promise<void> {
    try {
      for (let written = 0; written < bytes.length; ) {
        written += (await handle.write(bytes, written, bytes.length - written, end + written)).bytesWritten
      }
      await handle.datasync()
    } catch (error) {
      unsure = true
      await repair().catch(() => {
        throw new LogUnavailable(`cannot write to ${path}: ${asError(error).message}`, 'unknown', { cause: error })
      })
      throw new LogUnavailable(`cannot write to ${path}: ${asError(error).message}`, 'no', { cause: error })
    }
  }

  /** Cuts off what a failed write may have left; until that succeeds nothing is appended. */
  async function repair(): Promise<void> {
    try {
      await cut(end)
      unsure = false
    } catch (error) {
      const reason = asError(error).message
      throw new LogUnavailable(`${path} takes no writes until it can be cut to ${end} bytes: ${reason}`, 'no')
    }
  }

  function read(partition: number, from: number, limit: number, bytes: number): Promise<LogRecord[]> {
    return readSections({ handle, path, end }, indexes[partition]!, from, limit, bytes)
  }

  const grown = (signal: AbortSignal) =>
    woken(
      signal,
      (wake) => waiting.add(wake),
      (wake) => waiting.delete(wake),
    )

  return { id, ends, write, read, grown, close: () => handle.close() }
}
