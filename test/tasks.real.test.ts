import { startReal } from './system.ts'
import { tasksSuite } from './tasks.suite.ts'

tasksSuite(startReal)
