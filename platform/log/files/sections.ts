import { Buffer } from 'node:buffer'
import type { FileHandle } from 'node:fs/promises'
import type { LogRecord } from '../port.ts'
import { sizeOf } from '../record.ts'
import { decodeSection, SECTION_HEADER, sectionLength } from './frames.ts'
import type { OffsetIndex } from './offset-index.ts'
import { LogDamaged } from './scan.ts'
import { openWindow } from './window.ts'

/** Small enough for a reader at the end of the log, large enough to find the next sections of a reader behind it. */
const READ_AHEAD = 128 * 1024

/** Records of one partition from an offset on: at most `limit`, and of at most `bytes` bytes unless the first is larger. */
export async function readSections(
  file: { handle: FileHandle; path: string; end: number },
  index: OffsetIndex,
  from: number,
  limit: number,
  bytes: number,
): Promise<LogRecord[]> {
  const window = openWindow(file.handle, file.end, READ_AHEAD)
  const found: LogRecord[] = []
  let room = bytes
  for (let place = Math.max(0, index.find(from)); found.length < limit; place++) {
    const position = index.position(place)
    if (position === undefined || position >= file.end) break // what was written since this began is the next read's
    const header = Buffer.from(await window.read(position, SECTION_HEADER))
    const records = decodeSection(await window.read(position, sectionLength(header)), from)
    if (!records) throw new LogDamaged(file.path, position, 'a section fails its checksum')
    for (const record of records) {
      room -= sizeOf(record)
      if (found.length === limit || (room < 0 && found.length > 0)) return found
      found.push(record)
    }
  }
  return found
}
