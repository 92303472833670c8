import { sdkSuite } from './sdk.suite.ts'
import { startReal } from './system.ts'

sdkSuite(startReal)
