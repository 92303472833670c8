import process from 'node:process'
import { deciderSuite } from './decide.suite.ts'

deciderSuite('Postgres', () => process.env.DATABASE_URL!)
