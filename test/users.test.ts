import { startEmbedded } from './system.ts'
import { usersSuite } from './users.suite.ts'

usersSuite(startEmbedded)
