import { Buffer } from 'node:buffer'
import { type FileHandle, open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { createTurns } from '../waiting.ts'
import { sync } from './marker.ts'

/** A file of lines that is on disk when it says so. What a call writes is made when its turn comes, after all that was called before. */
export interface Journal {
  /** What was there when it was opened: whole lines. */
  readonly lines: readonly string[]
  /** Resolves once the lines are on disk. */
  append(make: () => Promise<readonly string[]>): Promise<void>
  /** Begins the file anew; whatever happens, the old one or the new one is there in full. */
  rewrite(make: () => Promise<readonly string[]>): Promise<void>
  close(): Promise<void>
}

/** For its owner's eyes alone. */
const MODE = 0o600

export async function openJournal(path: string): Promise<Journal> {
  const text = await readWhole(path)
  const inTurn = createTurns()
  let file: FileHandle = await open(path, 'a', MODE)
  let size = Buffer.byteLength(text)
  /** Something may stand behind `size`: a write that was cut short, by a crash or a full disk. */
  let torn = true

  return {
    lines: text.split('\n').filter(Boolean),

    append: (make) =>
      inTurn(async () => {
        const bytes = bytesOf(await make())
        if (torn) await file.truncate(size)
        torn = true
        await file.appendFile(bytes)
        await file.datasync()
        torn = false
        size += bytes.length
      }),

    rewrite: (make) =>
      inTurn(async () => {
        const bytes = bytesOf(await make())
        const next = await open(`${path}.new`, 'w', MODE)
        try {
          await next.writeFile(bytes)
          await next.sync()
          await rename(`${path}.new`, path)
          await sync(dirname(path))
        } catch (error) {
          await next.close()
          throw error
        }
        await file.close()
        file = next
        size = bytes.length
        torn = false
      }),

    close: () => inTurn(() => file.close()),
  }
}

const bytesOf = (lines: readonly string[]): Buffer => Buffer.from(lines.map((line) => `${line}\n`).join(''))

/** Up to a torn last line, which was never answered. */
async function readWhole(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  return text.slice(0, text.lastIndexOf('\n') + 1)
}
