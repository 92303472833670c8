import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openBus } from '../../platform/bus/mod.ts'
import { openCache } from '../../platform/cache/mod.ts'
import { openLog } from '../../platform/log/mod.ts'
import { consumerSuite } from './consumer.suite.ts'
import { testDatabase } from './fixture.testing.ts'

consumerSuite('embedded', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'trefoil-consumer-'))
  const database = await testDatabase()
  const [log, cache, bus] = [await openLog({ directory }), await openCache(), await openBus()]
  return {
    ...{ sql: database.sql, log, cache, bus, mongo: null },
    async drop() {
      await log.close()
      await bus.close()
      await cache.close()
      await database.drop()
      await rm(directory, { recursive: true, force: true })
    },
  }
})
