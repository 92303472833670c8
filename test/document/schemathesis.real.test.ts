import { realPlace } from '../system/place.ts'
import { schemathesisSuite } from './schemathesis.suite.ts'

schemathesisSuite(realPlace)
