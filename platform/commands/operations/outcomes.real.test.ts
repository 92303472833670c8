import process from 'node:process'
import { openPostgres } from '../../sql/postgres.ts'
import { scratchDatabase } from '../../sql/scratch.testing.ts'
import { outcomesSuite } from './outcomes.suite.ts'

const server = process.env.DATABASE_URL
if (!server) throw new Error('DATABASE_URL is not set')

outcomesSuite('Postgres', async () => {
  const database = await scratchDatabase(server)
  const sql = openPostgres({ url: database.url })
  return {
    sql,
    async dispose() {
      await sql.close()
      await database.drop()
    },
  }
})
