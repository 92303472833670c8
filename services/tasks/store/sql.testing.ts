import { testDatabase } from '../../consumer/fixture.testing.ts'
import { saveInto } from '../../consumer/stores.testing.ts'
import { sqlTasks } from './sql.ts'
import type { TaskFixture } from './suite/tasks.ts'

/** Tasks in a database of their own: embedded, or on the server at `url`. */
export async function sqlFixture(url?: string): Promise<TaskFixture> {
  const { sql, drop } = await testDatabase(url)
  return {
    store: sqlTasks(sql),
    save: (...tasks) => saveInto(sql, 'task', tasks),
    async empty() {
      await sql.query('DELETE FROM tasks')
    },
    close: drop,
  }
}
