import { startEmbedded } from './system.ts'
import { tasksSuite } from './tasks.suite.ts'

tasksSuite(startEmbedded)
