/** A program for tests: appends to the log in the directory named, as fast as it can, and prints each acknowledged record. */
import process from 'node:process'
import { openFileLog } from '../files.ts'

const log = await openFileLog({ directory: process.argv[2]! })
await Promise.all(Array.from({ length: 24 }, (_, caller) => append(caller)))

async function append(caller: number): Promise<void> {
  for (let count = 0; ; count++) {
    const partition = (caller + count) % 12
    const value = `${caller}/${count}/${'x'.repeat((count * 37) % 4_000)}`
    const [offset] = await log.append('commands', [{ partition, key: 'k', value }])
    process.stdout.write(`${JSON.stringify({ partition, offset, value })}\n`)
  }
}
