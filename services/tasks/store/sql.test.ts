import { sqlFixture } from './sql.testing.ts'
import { taskStoreSuite } from './suite.ts'

taskStoreSuite('tasks in SQL (embedded)', () => sqlFixture())
