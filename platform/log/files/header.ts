import { Buffer } from 'node:buffer'
import { randomUUID } from 'node:crypto'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { crc32 } from 'node:zlib'
import { PARTITIONS, type Topic } from '../port.ts'
import { syncDirectory } from './directory.ts'

/** Every log file begins with this many bytes: one line of text that a person can read, padded with spaces. */
export const HEADER = 128
const FORMAT = 'trefoil-log/1'

/**
 * Makes an empty log file. It appears under its name whole and synced, or not at all: whatever a crash leaves of it
 * is under another name, and made anew.
 */
export async function createLogFile(path: string, topic: Topic): Promise<void> {
  const unfinished = `${path}.new`
  const text = `${FORMAT} ${topic} partitions=${PARTITIONS} id=${randomUUID()}`
  await rm(unfinished, { force: true })
  const file = await open(unfinished, 'wx', 0o600)
  try {
    await file.writeFile(sealed(text))
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(unfinished, path)
  await syncDirectory(dirname(path))
}

/** The id that the file got when it was made. Throws a sentence if this is no log file of this topic and shape. */
export async function readHeader(handle: FileHandle, path: string, topic: Topic): Promise<string> {
  const bytes = Buffer.alloc(HEADER)
  const { bytesRead } = await handle.read(bytes, 0, HEADER, 0)
  const text = bytes.toString('latin1', 0, HEADER - 10).trimEnd()
  if (bytesRead < HEADER || !text.startsWith('trefoil-log/') || !bytes.equals(sealed(text))) {
    throw new Error(
      `${path} is no log file: its header is damaged or foreign. Restore it from a backup or move it away.`,
    )
  }
  const [format, name, partitions, id] = text.split(' ')
  if (format !== FORMAT) throw new Error(`${path} has the format ${format}, and this program knows ${FORMAT} only.`)
  if (name !== topic) throw new Error(`${path} holds the topic ${name}, not ${topic}: files have been swapped.`)
  if (partitions !== `partitions=${PARTITIONS}`) {
    throw new Error(`${path} has ${partitions}, and this program needs ${PARTITIONS}: start the version that made it.`)
  }
  return id!.slice('id='.length)
}

function sealed(text: string): Buffer {
  const body = text.padEnd(HEADER - 10)
  return Buffer.from(`${body} ${crc32(body).toString(16).padStart(8, '0')}\n`, 'latin1')
}
