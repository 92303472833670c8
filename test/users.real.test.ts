import { startReal } from './system.ts'
import { usersSuite } from './users.suite.ts'

usersSuite(startReal)
