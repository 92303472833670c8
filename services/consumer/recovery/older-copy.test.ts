import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLog } from '../../../platform/log/mod.ts'
import { testDatabase } from '../fixture.testing.ts'
import { olderCopySuite } from './older-copy.suite.ts'

olderCopySuite(
  'embedded',
  async () => openLog({ directory: await mkdtemp(join(tmpdir(), 'trefoil-older-')) }),
  () => testDatabase(),
)
