import { chooseStore } from '../../../platform/mongo/choose-store.ts'
import type { MongoReader } from '../../../platform/mongo/reader.ts'
import type { Queryable } from '../../../platform/sql/port.ts'
import type { TaskStore } from './port.ts'
import { sqlTasks } from './sql.ts'

export type { TaskStore } from './port.ts'

/** The table that the consumer decides in; MongoDB where there is one, as soon as it holds everything. */
export async function openTaskStore(sql: Queryable, mongo: MongoReader | undefined): Promise<TaskStore> {
  const table = sqlTasks(sql)
  if (!mongo) return table
  const { mongoTasks } = await import('./mongo.ts')
  const store = chooseStore(sql, mongo, { table, collection: mongoTasks(mongo) })
  return {
    byId: async (id) => (await store()).byId(id),
    byNumber: async (project, number) => (await store()).byNumber(project, number),
    list: async (asked) => (await store()).list(asked),
  }
}
