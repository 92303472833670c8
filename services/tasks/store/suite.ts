import { describe } from 'vitest'
import { filtersSuite } from './suite/filters.ts'
import { oneSuite } from './suite/one.ts'
import { pagingSuite } from './suite/paging.ts'
import { propertySuite } from './suite/property.ts'
import { openBench, type TaskFixture } from './suite/tasks.ts'

/** What every store of tasks promises: the same tasks in the same order. */
export function taskStoreSuite(name: string, open: () => Promise<TaskFixture>): void {
  describe(name, () => {
    const bench = openBench(open)
    oneSuite(bench)
    filtersSuite(bench)
    propertySuite(bench)
    pagingSuite(bench)
  })
}
