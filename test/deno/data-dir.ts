import process from 'node:process'
import { openDataDir } from '../../platform/data-dir/data-dir.ts'

// Run by data-dir.test.ts: opens a data directory under whatever permissions, and prints its path or what is wrong.
const said = await openDataDir(process.argv[2]!).then(
  async (dataDir) => {
    await dataDir.close()
    return dataDir.path
  },
  (error: Error) => error.message,
)
process.stdout.write(said)
