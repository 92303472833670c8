import process from 'node:process'
import { sqlFixture } from './sql.testing.ts'
import { documentStoreSuite } from './suite.ts'

documentStoreSuite('documents in SQL (Postgres)', () => sqlFixture(process.env.DATABASE_URL))
