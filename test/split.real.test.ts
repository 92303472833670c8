import { examplesSuite } from './examples.suite.ts'
import { projectsSuite } from './projects.suite.ts'
import { sdkSuite } from './sdk.suite.ts'
import { startSplit } from './system/split.ts'
import { tasksSuite } from './tasks.suite.ts'

// What crosses from one service to another: tasks ask for projects and users, projects for users, the SDK for all of them.
examplesSuite(startSplit)
projectsSuite(startSplit)
tasksSuite(startSplit)
sdkSuite(startSplit)
