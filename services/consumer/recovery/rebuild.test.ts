import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLog } from '../../../platform/log/mod.ts'
import { testDatabase } from '../fixture.testing.ts'
import { rebuildSuite } from './rebuild.suite.ts'

rebuildSuite(
  'embedded',
  async () => openLog({ directory: await mkdtemp(join(tmpdir(), 'trefoil-rebuild-')) }),
  () => testDatabase(),
)
