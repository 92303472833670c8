import { testDatabase } from '../fixture.testing.ts'
import { openOwnLog } from '../testing/own-log.testing.ts'
import { rebuildSuite } from './rebuild.suite.ts'

rebuildSuite('embedded', openOwnLog, (limits) => testDatabase(undefined, limits))
