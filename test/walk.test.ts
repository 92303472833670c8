import { startEmbedded } from './system.ts'
import { walkSuite } from './walk.suite.ts'

walkSuite(startEmbedded)
