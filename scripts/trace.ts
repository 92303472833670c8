import process from 'node:process'
import { entities } from '../services/consumer/entities.ts'
import { findCommands } from '../services/consumer/trace/find.ts'
import { pageOf } from '../services/consumer/trace/page.ts'
import { tell } from '../services/consumer/trace/story.ts'
import { say, withParts } from './with-parts.ts'

const USAGE = `npm run trace -- REQUEST-ID | TRACE-ID | OPERATION-ID | PARTITION:OFFSET`

const [said, ...more] = process.argv.slice(2)
if (!said || more.length > 0) {
  process.stderr.write(`${USAGE}\n`)
  process.exit(2)
}

await withParts('trace', async (parts) => {
  const found = await findCommands(parts.sql, parts.log, said)
  if (found.length === 0) {
    throw new Error(
      `No command of ${said} is known. Queries make none, nor does what is refused at once: the log of the service that ` +
        'answered has a line for each request. What was decided more than seven days ago is found by its position alone.',
    )
  }
  const pages: string[] = []
  for (const position of found) pages.push(pageOf(await tell({ ...parts, definitions: entities }, position)))
  say(pages.join('\n\n'))
})
