import { documentsSuite } from './documents.suite.ts'
import { startReal } from './system.ts'

documentsSuite(startReal)
