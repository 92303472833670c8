import { Buffer } from 'node:buffer'
import type { FileHandle } from 'node:fs/promises'

/** Reads ranges of a file through one buffer, for readers that mostly go forward. */
export interface Window {
  /** Up to `length` bytes from `position`, fewer only where the file ends; valid until the next call. */
  read(position: number, length: number): Promise<Buffer>
}

export function openWindow(handle: FileHandle, end: number, size: number): Window {
  let held = Buffer.alloc(0)
  let start = 0

  async function read(position: number, length: number): Promise<Buffer> {
    const wanted = Math.max(0, Math.min(length, end - position))
    if (position < start || position + wanted > start + held.length) await refill(position, wanted)
    return held.subarray(position - start, position - start + wanted)
  }

  async function refill(position: number, wanted: number): Promise<void> {
    const target = Buffer.allocUnsafe(Math.max(wanted, Math.min(size, end - position)))
    let filled = 0
    while (filled < target.length) {
      const { bytesRead } = await handle.read(target, filled, target.length - filled, position + filled)
      if (bytesRead === 0) break
      filled += bytesRead
    }
    held = target.subarray(0, filled)
    start = position
    if (filled < wanted) throw new Error(`the file ends at byte ${position + filled}, before byte ${end}`)
  }

  return { read }
}
