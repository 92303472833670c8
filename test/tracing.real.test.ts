import { realPlace } from './system/place.ts'
import { tracingSuite } from './tracing.suite.ts'

tracingSuite(realPlace)
