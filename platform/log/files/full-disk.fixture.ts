/** A program for tests, run under a limit of 64 KiB a file: writes what fits, what does not, and what fits again. */
import process from 'node:process'
import { openFileLog } from '../files.ts'
import { LogUnavailable } from '../port.ts'

const log = await openFileLog({ directory: process.argv[2]! })
const outcomes: (number[] | string)[] = []
for (const size of [10, 100_000, 20, 100_000, 30]) {
  const record = { partition: 0, key: 'k', value: 'x'.repeat(size) }
  outcomes.push(await log.append('commands', [record, record]).catch(refusal))
}
await log.close()
process.stdout.write(JSON.stringify(outcomes))

function refusal(error: unknown): string {
  return error instanceof LogUnavailable ? error.written : String(error)
}
