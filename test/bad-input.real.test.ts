import { badInputSuite } from './bad-input.suite.ts'
import { startReal } from './system.ts'

badInputSuite(startReal)
