import type { Parts } from '../platform/parts.ts'
import { say, withParts } from './with-parts.ts'

// Opening the parts runs what is missing of the migrations, and makes what is missing of the topics.
await withParts('migrate', tell, { makes: true })

async function tell({ sql }: Parts): Promise<void> {
  const rows = await sql.query<{ name: string; applied_at: string }>(
    'SELECT name, applied_at FROM migrations ORDER BY applied_at',
  )
  for (const { name, applied_at } of rows) say(`${applied_at}  ${name}`)
  say('The database and the topics are up to date.')
}
