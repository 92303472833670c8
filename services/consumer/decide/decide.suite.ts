import { describe } from 'vitest'
import { decidesBatches } from './suite/batches.ts'
import { deciderBench } from './suite/bench.ts'
import { locksValues } from './suite/locks.ts'
import { stopsAtNewer } from './suite/newer.ts'
import { setsPoisonAside } from './suite/poison.ts'
import { boundsBatches } from './suite/size.ts'
import { keepsUnique } from './suite/uniqueness.ts'

/** What deciding promises, over any database that takes the port's SQL. */
export function deciderSuite(name: string, url?: () => string): void {
  describe(`decide (${name})`, () => {
    const bench = deciderBench(url)
    decidesBatches(bench)
    keepsUnique(bench)
    setsPoisonAside(bench)
    stopsAtNewer(bench)
    boundsBatches(bench)
    locksValues(bench)
  })
}
