import { serviceSuite } from './service.suite.ts'

serviceSuite('service (embedded)')
