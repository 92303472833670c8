import { scriptsSuite } from './scripts.suite.ts'
import { startEmbedded } from './system.ts'

scriptsSuite(startEmbedded)
