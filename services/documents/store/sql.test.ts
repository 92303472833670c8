import { sqlFixture } from './sql.testing.ts'
import { documentStoreSuite } from './suite.ts'

documentStoreSuite('documents in SQL (embedded)', () => sqlFixture())
