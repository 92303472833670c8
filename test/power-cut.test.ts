import { powerCutSuite } from './power-cut.suite.ts'
import { emptyPlace } from './system/place.ts'

powerCutSuite(emptyPlace)
