import { Buffer } from 'node:buffer'
import type { FileHandle } from 'node:fs/promises'
import { FRAME_HEADER, frameLength, MAGIC, MAX_FRAME, type Section, sectionsOf } from './frames.ts'
import { HEADER } from './header.ts'
import { openWindow, type Window } from './window.ts'

const READ_AHEAD = 1024 * 1024
const MAGIC_BYTES = Buffer.alloc(4)
MAGIC_BYTES.writeUInt32BE(MAGIC)

/** Damage that is no torn tail: cutting there would lose what was acknowledged. */
export class LogDamaged extends Error {
  constructor(path: string, position: number, reason: string) {
    super(
      `The log file ${path} is damaged at byte ${position}: ${reason}. ` +
        'Restore the data directory from a backup. If there is none, the records before the damage are kept by ' +
        `truncate --size=${position} ${path} (all later ones are lost).`,
    )
    this.name = 'LogDamaged'
  }
}

/**
 * Walks the whole file, checks every byte and gives every section to `visit`, with its position in the file.
 * Resolves to the end of the last whole frame: what is behind it is the torn tail of a write that was never
 * acknowledged. Any other damage throws LogDamaged.
 */
export async function scan(
  handle: FileHandle,
  path: string,
  size: number,
  visit: (section: Section, position: number) => string | undefined,
): Promise<number> {
  const window = openWindow(handle, size, READ_AHEAD)
  let position = HEADER
  while (position < size) {
    const frame = await frameAt(window, position)
    if (!frame) {
      if (await isTail(window, position, size)) return position
      throw new LogDamaged(path, position, 'a frame is cut short or fails its checksum, and whole ones follow it')
    }
    for (const section of frame.sections) {
      const objection = visit(section, position + section.at)
      if (objection) throw new LogDamaged(path, position, objection)
    }
    position += frame.length
  }
  return position
}

async function frameAt(window: Window, position: number): Promise<{ length: number; sections: Section[] } | undefined> {
  const header = await window.read(position, FRAME_HEADER)
  const length = frameLength(header)
  if (length === undefined) return undefined
  const frame = await window.read(position, length)
  const sections = frame.length === length ? sectionsOf(frame) : undefined
  return sections && { length, sections }
}

/** Writes are synced one by one, so only the last can be torn: it is one frame, and no whole frame lies behind it. */
async function isTail(window: Window, position: number, size: number): Promise<boolean> {
  if (size - position > MAX_FRAME) return false
  const tail = await window.read(position, size - position)
  const claimed = frameLength(tail)
  if (claimed !== undefined && claimed < tail.length) return false
  for (let at = tail.indexOf(MAGIC_BYTES, 1); at >= 0; at = tail.indexOf(MAGIC_BYTES, at + 1)) {
    const rest = tail.subarray(at)
    const length = frameLength(rest)
    if (length !== undefined && length <= rest.length && sectionsOf(rest.subarray(0, length))) return false
  }
  return true
}
