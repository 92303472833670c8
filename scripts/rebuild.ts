import process from 'node:process'
import { entities } from '../services/consumer/entities.ts'
import { emptyForRebuild } from '../services/consumer/recovery/empty.ts'
import { rebuild } from '../services/consumer/recovery/rebuild.ts'
import { recallDemoData } from '../services/demo.ts'
import { say, withParts } from './with-parts.ts'

// Makes the database again from `events`, with passwords, sessions and keys as they are. Every other process must be stopped.
const [option, ...more] = process.argv.slice(2)
if ((option !== undefined && option !== '--accept-loss') || more.length > 0) {
  process.stderr.write('npm run rebuild [-- --accept-loss]\n')
  process.exit(2)
}

await withParts('rebuild', async ({ sql, log, mongo }) => {
  await emptyForRebuild({ sql, log, mongo }, entities, { acceptLoss: option !== undefined })
  await rebuild({ sql, log, definitions: entities, onProgress: say })
  await recallDemoData(sql)
  say('Start the consumers now: they decide what came after, and bring MongoDB up to date.')
})
