import { deciderSuite } from './decide.suite.ts'
import process from 'node:process'

deciderSuite('Postgres', () => process.env.DATABASE_URL!)
