import { projectsSuite } from './projects.suite.ts'
import { startEmbedded } from './system.ts'

projectsSuite(startEmbedded)
