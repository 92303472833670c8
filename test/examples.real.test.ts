import { examplesSuite } from './examples.suite.ts'
import { startReal } from './system.ts'

examplesSuite(startReal)
