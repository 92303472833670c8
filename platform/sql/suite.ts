import { describe } from 'vitest'
import { type Opened, openBench } from './suite/bench.ts'
import { closingSuite } from './suite/closing.ts'
import { statementsSuite } from './suite/statements.ts'
import { transactionsSuite } from './suite/transactions.ts'
import { valuesSuite } from './suite/values.ts'

/**
 * What every adapter of the port does alike. `open` gives an empty database that belongs to the caller.
 */
export function sqlSuite(
  adapter: string,
  open: (options: { idleInTransactionMs: number; closeMs: number }) => Promise<Opened>,
) {
  const idleInTransactionMs = 1500 // short enough to wait for, long enough for a busy machine
  describe(`sql on ${adapter}`, () => {
    const bench = openBench(() => open({ idleInTransactionMs, closeMs: 5000 }))
    valuesSuite(bench)
    statementsSuite(bench)
    transactionsSuite(bench, idleInTransactionMs)
    closingSuite((closeMs) => open({ idleInTransactionMs: 5000, closeMs }))
  })
}
