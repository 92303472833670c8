import { deciderSuite } from './decide.suite.ts'

deciderSuite('embedded')
