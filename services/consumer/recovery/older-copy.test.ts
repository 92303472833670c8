import { testDatabase } from '../fixture.testing.ts'
import { openOwnLog } from '../testing/own-log.testing.ts'
import { olderCopySuite } from './older-copy.suite.ts'

olderCopySuite('embedded', openOwnLog, () => testDatabase())
