import { badInputSuite } from './bad-input.suite.ts'
import { startEmbedded } from './system.ts'

badInputSuite(startEmbedded)
