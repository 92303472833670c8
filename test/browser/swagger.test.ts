import { startEmbedded } from '../system.ts'
import { swaggerSuite } from './swagger.suite.ts'

swaggerSuite(startEmbedded, 'embedded')
