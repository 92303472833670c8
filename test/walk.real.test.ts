import { startReal } from './system.ts'
import { walkSuite } from './walk.suite.ts'

walkSuite(() => startReal({ DEMO_DATA: 'true' }))
