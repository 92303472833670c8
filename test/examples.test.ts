import { examplesSuite } from './examples.suite.ts'
import { startFresh } from './system.ts'

examplesSuite(startFresh)
