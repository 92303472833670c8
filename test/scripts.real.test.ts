import { scriptsSuite } from './scripts.suite.ts'
import { startReal } from './system.ts'

scriptsSuite(startReal)
