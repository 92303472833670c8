import { documentsSuite } from './documents.suite.ts'
import { startEmbedded } from './system.ts'

documentsSuite(startEmbedded)
