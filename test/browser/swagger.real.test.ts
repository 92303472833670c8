import { startReal } from '../system.ts'
import { swaggerSuite } from './swagger.suite.ts'

swaggerSuite(startReal, 'real')
