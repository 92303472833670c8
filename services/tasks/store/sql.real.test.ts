import process from 'node:process'
import { sqlFixture } from './sql.testing.ts'
import { taskStoreSuite } from './suite.ts'

taskStoreSuite('tasks in SQL (Postgres)', () => sqlFixture(process.env.DATABASE_URL))
