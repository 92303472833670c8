import { startEmbedded } from './system.ts'
import { writePathSuite } from './write-path.suite.ts'

writePathSuite(startEmbedded)
