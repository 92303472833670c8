import type { StartSystem } from './system.ts'
import { openBench } from './write-path/bench.ts'
import { consistencySuite } from './write-path/consistency.ts'
import { idempotencySuite } from './write-path/idempotency.ts'
import { receiptsSuite } from './write-path/receipts.ts'
import { versionsSuite } from './write-path/versions.ts'

/** What a change may be sent with, and what it answers. */
export function writePathSuite(start: StartSystem): void {
  const bench = openBench(start)
  idempotencySuite(bench)
  versionsSuite(bench)
  receiptsSuite(bench)
  consistencySuite(bench)
}
