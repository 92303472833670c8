import { startFresh } from './system.ts'
import { walkSuite } from './walk.suite.ts'

walkSuite(startFresh)
