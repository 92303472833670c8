import process from 'node:process'
import { accountsSuite } from './accounts.suite.ts'
import { queriesSuite } from './queries.suite.ts'
import { serviceSuite } from './service.suite.ts'

const url = process.env.DATABASE_URL!

accountsSuite('accounts (Postgres)', url)
queriesSuite('queries (Postgres)', url)
serviceSuite('service (Postgres)', url)
