import { startReal } from './system.ts'
import { writePathSuite } from './write-path.suite.ts'

writePathSuite(startReal)
