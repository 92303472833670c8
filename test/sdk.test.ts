import { sdkSuite } from './sdk.suite.ts'
import { startEmbedded } from './system.ts'

sdkSuite(startEmbedded)
