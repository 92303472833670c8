import { powerCutSuite } from './power-cut.suite.ts'
import { preparedPlace } from './system/place.ts'

powerCutSuite(preparedPlace)
