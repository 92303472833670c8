import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLog } from '../../../platform/log/mod.ts'
import type { Log } from '../../../platform/log/port.ts'

/** An embedded log whose directory goes with it. */
export async function openOwnLog(): Promise<Log> {
  const directory = await mkdtemp(join(tmpdir(), 'trefoil-log-'))
  const log = await openLog({ directory })
  return {
    ...log,
    async close() {
      await log.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}
