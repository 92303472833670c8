import { accountsSuite } from './accounts.suite.ts'

accountsSuite('accounts (embedded)')
