import { projectsSuite } from './projects.suite.ts'
import { startReal } from './system.ts'

projectsSuite(startReal)
