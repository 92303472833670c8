import type { StartSystem } from './system.ts'
import { accountsSuite } from './users/accounts.ts'
import { openBench } from './users/bench.ts'
import { changingSuite } from './users/changing.ts'
import { findingSuite } from './users/finding.ts'

/** What people do with accounts, over both faces. */
export function usersSuite(start: StartSystem): void {
  const bench = openBench(start)
  accountsSuite(bench)
  findingSuite(bench)
  changingSuite(bench)
}
