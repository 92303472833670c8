import { testDatabase } from '../../consumer/fixture.testing.ts'
import { saveInto } from '../../consumer/stores.testing.ts'
import { sqlDocuments } from './sql.ts'
import type { DocumentFixture } from './suite.ts'

/** Documents in a database of their own: embedded, or on the server at `url`. */
export async function sqlFixture(url?: string): Promise<DocumentFixture> {
  const { sql, drop } = await testDatabase(url)
  return {
    store: sqlDocuments(sql),
    save: (...documents) => saveInto(sql, 'document', documents),
    async empty() {
      await sql.query('DELETE FROM documents')
    },
    close: drop,
  }
}
