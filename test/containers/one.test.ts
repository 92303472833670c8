import { describe } from 'vitest'
import { swaggerSuite } from '../browser/swagger.suite.ts'
import { documentsSuite } from '../documents.suite.ts'
import { examplesSuite } from '../examples.suite.ts'
import { projectsSuite } from '../projects.suite.ts'
import { usersSuite } from '../users.suite.ts'
import { startContainers } from './system.ts'

// One instance of each. One system after another: each is five processes.
examplesSuite(startContainers())
describe('users', () => usersSuite(startContainers()))
describe('projects', () => projectsSuite(startContainers()))
describe('documents', () => documentsSuite(startContainers()))
swaggerSuite(startContainers(), 'containers')
