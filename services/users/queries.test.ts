import { queriesSuite } from './queries.suite.ts'

queriesSuite('queries (embedded)')
