import { emptyPlace } from '../system/place.ts'
import { schemathesisSuite } from './schemathesis.suite.ts'

schemathesisSuite(emptyPlace)
