import { randomUUID } from 'node:crypto'
import type { Log, NewRecord } from '../port.ts'

/** What the tests of the contract share: the log under test, which some of them close and open again. */
export interface Bench {
  log: Log
  open(): Promise<Log>
}

export const WAIT = { timeout: 20_000, interval: 10 }

export const record = (partition: number, value: string): NewRecord => ({ partition, key: `key-${partition}`, value })

export const some = (partition: number, count: number, mark: string = randomUUID()) =>
  Array.from({ length: count }, (_, n) => record(partition, `${mark}/${n}`))

export const values = (records: readonly { value: string }[]) => records.map(({ value }) => value)

export const rising = (from: number, count: number) => Array.from({ length: count }, (_, n) => from + n)

export async function endOf({ log }: Bench, partition: number): Promise<number> {
  return (await log.describe('commands')).ends[partition]!
}
