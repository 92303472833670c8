import { afterAll, beforeAll, describe } from 'vitest'
import type { Log } from './port.ts'
import type { Bench } from './suite/bench.ts'
import { consumingContract } from './suite/consuming.ts'
import { writingContract } from './suite/writing.ts'

/** One log's storage: `open` may be called again and again, and finds what was there; `remove` takes it away. */
export interface Storage {
  open(): Promise<Log>
  remove(): Promise<void>
}

/** What every log has to do (port.ts). All tests share one storage: each goes by the ends that it finds. */
export function logContract(name: string, makeStorage: () => Promise<Storage>): void {
  describe(`${name} as a log`, { timeout: 60_000 }, () => {
    const bench = {} as Bench
    let storage: Storage
    beforeAll(async () => {
      storage = await makeStorage()
      bench.open = storage.open
      bench.log = await storage.open()
    }, 60_000)
    afterAll(async () => {
      await bench.log.close()
      await storage.remove()
    }, 60_000)

    writingContract(bench)
    consumingContract(bench)
  })
}
